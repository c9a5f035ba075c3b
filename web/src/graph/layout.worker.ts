import { layOut, type Outline } from "./layout";

export interface LayoutRequest {
  id: number;
  outline: Outline;
}

declare const self: DedicatedWorkerGlobalScope;

self.onmessage = (event: MessageEvent<LayoutRequest>) => {
  self.postMessage({ id: event.data.id, placed: layOut(event.data.outline) });
};
