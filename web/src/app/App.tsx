import { CSPProvider } from "@base-ui/react/csp-provider";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError } from "~/api/client";
import { createAppRouter } from "./router";

const SECOND = 1000;

function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 2 * SECOND,
        retry: (failures, error) => (error instanceof ApiError && error.status >= 400 ? false : failures < 2),
      },
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
