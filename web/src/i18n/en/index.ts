/** English texts, a file an area. The other languages have the same shape, checked by the compiler. */

import { artifacts } from "./artifacts";
import { cache } from "./cache";
import { changes } from "./changes";
import { common } from "./common";
import { compare } from "./compare";
import { done } from "./done";
import { errors } from "./errors";
import { events } from "./events";
import { executions } from "./executions";
import { experiments } from "./experiments";
import { graph } from "./graph";
import { home } from "./home";
import { keys } from "./keys";
import { language } from "./language";
import { lineage } from "./lineage";
import { live } from "./live";
import { log } from "./log";
import { nav } from "./nav";
import { newRun } from "./newRun";
import { pipelines } from "./pipelines";
import { preview } from "./preview";
import { recurring } from "./recurring";
import { run } from "./run";
import { runs } from "./runs";
import { schedule } from "./schedule";
import { search } from "./search";
import { settings } from "./settings";
import { states } from "./states";
import { theme } from "./theme";
import { timeline } from "./timeline";
import { token } from "./token";
import { zone } from "./zone";

export const en = {
  artifacts,
  cache,
  changes,
  common,
  compare,
  done,
  errors,
  events,
  executions,
  experiments,
  graph,
  home,
  keys,
  language,
  lineage,
  live,
  log,
  nav,
  newRun,
  pipelines,
  preview,
  recurring,
  run,
  runs,
  schedule,
  search,
  settings,
  states,
  theme,
  timeline,
  token,
  zone,
};

export type Messages = typeof en;
