import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { BASE } from "~/api/client";
import { Failure } from "~/ui/Failure";
import { fromKubeflow } from "./legacy";
import { NotFound } from "./NotFound";
import { Shell } from "./Shell";
import {
  artifactListSearch,
  artifactSearch,
  compareSearch,
  experimentListSearch,
  listSearch,
  newRunSearch,
  pipelineListSearch,
  pipelineSearch,
  runListSearch,
  runSearch,
  taskListSearch,
} from "./search";

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: ({ error, reset }) => <Failure page error={error} again={reset} />,
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
  validateSearch: pipelineListSearch,
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

const artifacts = createRoute({
  getParentRoute: () => root,
  path: "/artifacts",
  validateSearch: artifactListSearch,
  component: lazyRouteComponent(() => import("~/pages/artifacts/ArtifactsPage"), "ArtifactsPage"),
});

const artifact = createRoute({
  getParentRoute: () => root,
  path: "/artifacts/$artifactId",
  validateSearch: artifactSearch,
  component: lazyRouteComponent(() => import("~/pages/artifact/ArtifactPage"), "ArtifactPage"),
});

const executions = createRoute({
  getParentRoute: () => root,
  path: "/executions",
  validateSearch: taskListSearch,
  component: lazyRouteComponent(() => import("~/pages/executions/ExecutionsPage"), "ExecutionsPage"),
});

const recurringRuns = createRoute({
  getParentRoute: () => root,
  path: "/recurring",
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import("~/pages/recurring-runs/RecurringRunsPage"), "RecurringRunsPage"),
});

const newRecurring = createRoute({
  getParentRoute: () => root,
  path: "/recurring/new",
  validateSearch: newRunSearch,
  component: lazyRouteComponent(() => import("~/pages/new-recurring/NewRecurringPage"), "NewRecurringPage"),
});

const recurringRun = createRoute({
  getParentRoute: () => root,
  path: "/recurring/$recurringId",
  validateSearch: runListSearch,
  component: lazyRouteComponent(() => import("~/pages/recurring-run/RecurringRunPage"), "RecurringRunPage"),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  component: lazyRouteComponent(() => import("~/pages/settings/SettingsPage"), "SettingsPage"),
});

const routeTree = root.addChildren([
  home,
  compare,
  experiments,
  experiment,
  runs,
  newRun,
  run,
  pipelines,
  pipeline,
  artifacts,
  artifact,
  executions,
  recurringRuns,
  newRecurring,
  recurringRun,
  settings,
]);

export function createAppRouter() {
  return createRouter({ routeTree, basepath: BASE || "/", defaultPreload: "intent", scrollRestoration: true });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
