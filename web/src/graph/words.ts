import { text } from "~/i18n/text";
import type { GraphNode } from "./model";

/** A condition as a person would write it: without the names that the compiler gives to inputs. */
export function conditionInWords(condition: string): string {
  return condition
    .replace(/inputs\.parameter_values\['(?:pipelinechannel--)?([^']+)'\]/g, "$1")
    .replace(/\b(?:int|double|string|bool)\(([^()]+)\)/g, "$1")
    .trim();
}

/** The line below the name of a task: what it loops over, its condition, or that it always runs. */
export function about(node: GraphNode): string {
  const words = text().graph;
  const { task } = node;
  const parts: string[] = [];
  if (task.loop) parts.push(words.loop(task.loop.replace(/^pipelinechannel--/, ""), task.parallelism));
  if (task.condition) parts.push(words.condition(conditionInWords(task.condition)));
  if (task.is_exit) parts.push(words.exit);
  if (task.kind === "IMPORTER") parts.push(words.importer);
  return parts.join(" · ");
}
