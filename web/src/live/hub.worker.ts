import { Hub } from "./hub";

/** What a page asks the worker for. `number` tells the subscriptions of one page apart. */
export type Request = { type: "follow"; number: number; address: string } | { type: "leave"; number: number };

declare const self: SharedWorkerGlobalScope;

const hub = new Hub((address) => new EventSource(address));

self.onconnect = (event) => {
  const port = event.ports[0];
  if (!port) return;
  const leave = new Map<number, () => void>();
  port.onmessage = ({ data }: MessageEvent<Request>) => {
    leave.get(data.number)?.();
    leave.delete(data.number);
    if (data.type === "follow") {
      leave.set(
        data.number,
        hub.follow(data.address, (message) => port.postMessage({ number: data.number, message })),
      );
    }
  };
};
