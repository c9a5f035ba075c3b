/** Why a run failed, as short as a line of a list can have it. Pure. */

export interface ShortCause {
  /** The step that failed; "" where the message names none. */
  step: string;
  words: string;
}

/** The step and the error itself, out of the server's sentence about a run. */
export function shortCause(message: string): ShortCause {
  const named = /^Task "([^"]+)" failed: (.*)$/s.exec(message);
  const words = named?.[2] ?? message;
  return {
    step: named?.[1]?.split("/").at(-1) ?? "",
    words: words.replace(/^The command ended with exit code \d+: /, ""),
  };
}
