export const token = {
  title: "This server asks for its token",
  hint: "It is what the server was started with: by --token, or by PINNACE_TOKEN. It is kept until this tab is closed.",
  label: "Token",
  wrong: "The server does not accept this token.",
  enter: "Continue",
};
