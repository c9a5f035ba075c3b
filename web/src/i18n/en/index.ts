/** English texts, a file an area. The other languages have the same shape, checked by the compiler. */
import { common } from "./common";
import { compare } from "./compare";
import { errors } from "./errors";
import { experiments } from "./experiments";
import { graph } from "./graph";
import { home } from "./home";
import { language } from "./language";
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
import { zone } from "./zone";

export const en = {
  common,
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
  preview,
  run,
  runs,
  search,
  states,
  theme,
  zone,
};

export type Messages = typeof en;
