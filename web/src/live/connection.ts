import { BASE } from "~/api/client";
import { authorization } from "~/api/token";
import { FetchSource } from "./fetchSource";
import { type Follower, Hub, type Message } from "./hub";
import HubWorker from "./hub.worker?sharedworker";

interface Connection {
  follow(path: string, follower: Follower): () => void;
}

let connection: Connection | null = null;

/** Follow a stream of the server, like `/apis/pinnace/v1/events`; shared by all tabs. Call the result to stop. */
export function follow(path: string, follower: Follower): () => void {
  connection ??= typeof SharedWorker === "undefined" ? local() : shared();
  return connection.follow(new URL(BASE + path, window.location.href).href, follower);
}

function local(): Connection {
  return new Hub((address) => new FetchSource(address, authorization));
}

function shared(): Connection {
  const { port } = new HubWorker({ name: "pinnace" });
  const followers = new Map<number, Follower>();
  let last = 0;
  port.onmessage = ({ data }: MessageEvent<{ number: number; message: Message }>) => {
    followers.get(data.number)?.(data.message);
  };
  port.start();
  // A worker is not told that a page has gone.
  window.addEventListener("pagehide", () => {
    for (const number of followers.keys()) port.postMessage({ type: "leave", number });
  });
  return {
    follow(address, follower) {
      last += 1;
      const number = last;
      followers.set(number, follower);
      port.postMessage({ type: "follow", number, address, headers: authorization() });
      return () => {
        followers.delete(number);
        port.postMessage({ type: "leave", number });
      };
    },
  };
}
