/** The inputs of a pipeline's document, for recurring runs that keep the document itself. Pure. */
import type { Parameter } from "../new-run/values";

const TYPES: ReadonlySet<string> = new Set<Parameter["type"]>([
  "STRING",
  "NUMBER_INTEGER",
  "NUMBER_DOUBLE",
  "BOOLEAN",
  "LIST",
  "STRUCT",
]);

type Json = Record<string, unknown>;

/** The parameters that a run of the document can be given. The server has checked the document. */
export function inputsOfSpec(spec: Json): Parameter[] {
  const definitions = at(at(at(spec, "root"), "inputDefinitions"), "parameters");
  return Object.entries(definitions).map(([name, definition]) => parameterOf(name, object(definition)));
}

/** What the document calls its pipeline. */
export function nameOfSpec(spec: Json): string {
  const { name } = at(spec, "pipelineInfo");
  return typeof name === "string" ? name : "";
}

function parameterOf(name: string, definition: Json): Parameter {
  const { parameterType, defaultValue, description, isOptional, literals } = definition;
  return {
    name,
    type:
      typeof parameterType === "string" && TYPES.has(parameterType) ? (parameterType as Parameter["type"]) : "STRING",
    default: defaultValue ?? null,
    has_default: defaultValue !== undefined,
    description: typeof description === "string" ? description : "",
    optional: isOptional === true || defaultValue !== undefined,
    literals: Array.isArray(literals) ? literals : [],
  };
}

function at(json: Json, key: string): Json {
  return object(json[key]);
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
