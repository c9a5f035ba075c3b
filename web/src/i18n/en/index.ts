/** English texts, a file an area. The other languages have the same shape, checked by the compiler. */

import { artifacts } from "./artifacts";
import { common } from "./common";
import { compare } from "./compare";
import { done } from "./done";
import { errors } from "./errors";
import { executions } from "./executions";
import { experiments } from "./experiments";
import { graph } from "./graph";
import { home } from "./home";
import { keys } from "./keys";
import { language } from "./language";
import { lineage } from "./lineage";
import { live } from "./live";
import { nav } from "./nav";
import { newRun } from "./newRun";
import { pipelines } from "./pipelines";
import { preview } from "./preview";
import { run } from "./run";
import { runs } from "./runs";
import { search } from "./search";
import { states } from "./states";
import { theme } from "./theme";
import { token } from "./token";
import { zone } from "./zone";

export const en = {
  common,
  token,
  done,
  keys,
  compare,
  errors,
  experiments,
  graph,
  home,
  language,
  live,
  nav,
  newRun,
  pipelines,
  artifacts,
  executions,
  lineage,
  preview,
  run,
  runs,
  search,
  states,
  theme,
  zone,
};

export type Messages = typeof en;
