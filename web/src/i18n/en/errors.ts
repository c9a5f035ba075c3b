export const errors = {
  title: "This did not work",
  notFound: "There is nothing at this address",
  notFoundHint: "It may have been deleted, or the address is incomplete.",
  unreachable: "The server does not answer",
  unreachableHint: "Start it with: pinnace up",
  again: "Try again",
  home: "Go to the home page",
  details: "Details",
};
