/** The one way to the server: typed by its own OpenAPI description, under whatever path it lives. */
import createClient from "openapi-fetch";
import type { components, paths } from "./schema";
import { authorization, noteRefused } from "./token";

export type Schemas = components["schemas"];

/** The path of the server's root, without the slash at its end: what <base> says. */
export const BASE = new URL(document.baseURI).pathname.replace(/\/$/, "");

const UNAUTHORIZED = 401;

/** An answer that is none: `status` is 0 where there was no answer at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

export const api = createClient<paths>({ baseUrl: BASE });

api.use({
  onRequest({ request }) {
    for (const [name, value] of Object.entries(authorization())) request.headers.set(name, value);
    return request;
  },
  async onResponse({ response }) {
    if (response.status === UNAUTHORIZED) noteRefused();
    if (!response.ok) throw new ApiError(response.status, await messageOf(response));
  },
  onError({ error }) {
    if (error instanceof DOMException && error.name === "AbortError") return error;
    return new ApiError(0, error instanceof Error ? error.message : String(error));
  },
});

/** Ask for an address that the typed client cannot: uploads, and what is read while it comes. */
export async function ask(address: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(address, { ...init, headers: authorization() });
  if (response.status === UNAUTHORIZED) noteRefused();
  return response;
}

/** The data of an answer. Errors have been thrown before; a missing body is the server's fault. */
export async function data<T>(request: Promise<{ data?: T }>): Promise<T> {
  const answer = await request;
  if (answer.data === undefined) throw new ApiError(0, "The answer has no content.");
  return answer.data;
}

async function messageOf(response: Response): Promise<string> {
  const fallback = `${response.status} ${response.statusText}`;
  try {
    const body: unknown = await response.json();
    if (typeof body !== "object" || body === null) return fallback;
    const said = "error_message" in body ? body.error_message : "message" in body ? body.message : undefined;
    return typeof said === "string" && said ? said : fallback;
  } catch {
    return fallback;
  }
}
