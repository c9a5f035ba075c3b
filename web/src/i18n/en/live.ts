export const live = {
  live: "Live",
  liveHint: "Changes appear by themselves.",
  lost: "No connection",
  lostHint: "The server does not answer. What you see may be old; it comes back by itself.",
  polling: "Asking every few seconds",
};
