export const live = {
  live: "Live",
  liveHint: "Changes appear by themselves.",
  lost: "No connection",
  lostHint: "The server does not answer. What you see may be old; it comes back by itself.",
  lostSince: (time: string) => `What you see is as of ${time}.`,
  polling: "Asking every few seconds",
  pollingHint: "Changes do not come by themselves at the moment. What you see is asked for every few seconds.",
  back: "Connected again",
};
