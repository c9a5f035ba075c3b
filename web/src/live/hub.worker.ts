import { FetchSource } from "./fetchSource";
import { Hub } from "./hub";

/** What a page asks the worker for. `number` tells the subscriptions of one page apart. */
export type Request =
  | { type: "follow"; number: number; address: string; headers: Record<string, string> }
  | { type: "leave"; number: number };

declare const self: SharedWorkerGlobalScope;

/** Those of the page that came last: all pages speak to one server, with one token. */
let headers: Record<string, string> = {};
const hub = new Hub((address) => new FetchSource(address, () => headers));

self.onconnect = (event) => {
  const port = event.ports[0];
  if (!port) return;
  const leave = new Map<number, () => void>();
  port.onmessage = ({ data }: MessageEvent<Request>) => {
    leave.get(data.number)?.();
    leave.delete(data.number);
    if (data.type === "follow") {
      headers = data.headers;
      leave.set(
        data.number,
        hub.follow(data.address, (message) => port.postMessage({ number: data.number, message })),
      );
    }
  };
};
