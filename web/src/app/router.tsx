import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { BASE } from "~/api/client";
import { Failure } from "~/ui/Failure";
import { fromKubeflow } from "./legacy";
import { NotFound } from "./NotFound";
import { Shell } from "./Shell";
import {
  compareSearch,
  experimentListSearch,
  listSearch,
  newRunSearch,
  pipelineSearch,
  runListSearch,
  runSearch,
} from "./search";

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: ({ error, reset }) => <Failure error={error} again={reset} />,
});

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: ({ location }) => {
    const path = fromKubeflow(location.hash);
    if (path !== null) throw redirect({ href: BASE + path, replace: true });
  },
  component: lazyRouteComponent(() => import("~/pages/home/HomePage"), "HomePage"),
});

const runs = createRoute({
  getParentRoute: () => root,
  path: "/runs",
  validateSearch: runListSearch,
  component: lazyRouteComponent(() => import("~/pages/runs/RunsPage"), "RunsPage"),
});

const newRun = createRoute({
  getParentRoute: () => root,
  path: "/runs/new",
  validateSearch: newRunSearch,
  component: lazyRouteComponent(() => import("~/pages/new-run/NewRunPage"), "NewRunPage"),
});

const run = createRoute({
  getParentRoute: () => root,
  path: "/runs/$runId",
  validateSearch: runSearch,
  component: lazyRouteComponent(() => import("~/pages/run/RunPage"), "RunPage"),
});

const pipelines = createRoute({
  getParentRoute: () => root,
  path: "/pipelines",
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import("~/pages/pipelines/PipelinesPage"), "PipelinesPage"),
});

const pipeline = createRoute({
  getParentRoute: () => root,
  path: "/pipelines/$pipelineId",
  validateSearch: pipelineSearch,
  component: lazyRouteComponent(() => import("~/pages/pipeline/PipelinePage"), "PipelinePage"),
});

const experiments = createRoute({
  getParentRoute: () => root,
  path: "/experiments",
  validateSearch: experimentListSearch,
  component: lazyRouteComponent(() => import("~/pages/experiments/ExperimentsPage"), "ExperimentsPage"),
});

const experiment = createRoute({
  getParentRoute: () => root,
  path: "/experiments/$experimentId",
  validateSearch: runListSearch,
  component: lazyRouteComponent(() => import("~/pages/experiment/ExperimentPage"), "ExperimentPage"),
});

const compare = createRoute({
  getParentRoute: () => root,
  path: "/compare",
  validateSearch: compareSearch,
  component: lazyRouteComponent(() => import("~/pages/compare/ComparePage"), "ComparePage"),
});

const routeTree = root.addChildren([home, compare, experiments, experiment, runs, newRun, run, pipelines, pipeline]);

export function createAppRouter() {
  return createRouter({ routeTree, basepath: BASE || "/", defaultPreload: "intent", scrollRestoration: true });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
