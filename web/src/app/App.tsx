import { CSPProvider } from "@base-ui/react/csp-provider";
import { onlineManager, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError } from "~/api/client";
import { createAppRouter } from "./router";

const SECOND = 1000;

// The server is mostly on this machine: whether there is a network says nothing. `useReach` knows better.
onlineManager.setEventListener(() => () => {});

function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 2 * SECOND,
        retry: (failures, error) => (error instanceof ApiError && error.status >= 400 ? false : failures < 2),
      },
      // What somebody does happens now or not at all, never once the server is back.
      mutations: { networkMode: "always" },
    },
  });
}

export function App() {
  const [queries] = useState(newQueryClient);
  const [router] = useState(createAppRouter);
  return (
    // Our Content-Security-Policy allows no style elements; base.css has what the library would put into them.
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </CSPProvider>
  );
}
