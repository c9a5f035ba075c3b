import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Schemas } from "~/api/client";
import { changesSinceSuccess } from "~/api/queries/run";
import { instant } from "~/format/time";
import { type Messages, useText } from "~/i18n/text";
import { Moment } from "~/ui/Moment";
import styles from "./ChangesSinceSuccess.module.css";

type Difference = Schemas["RunDifference"];

/** What is not as it was when the pipeline last succeeded. */
export function ChangesSinceSuccess({ run }: { run: string }) {
  const text = useText();
  const found = useQuery(changesSinceSuccess(run));
  if (!found.data) return null;
  const { last_success: last, differences, comparable, more } = found.data;
  return (
    <section className={styles["changes"]}>
      <h3>{text.changes.title}</h3>
      {last === null ? (
        <p className={styles["calm"]}>{text.changes.never}</p>
      ) : (
        <>
          <p className={styles["calm"]}>
            <Link to="/runs/$runId" params={{ runId: last.run_id }}>
              {last.display_name}
            </Link>{" "}
            <Moment at={instant(last.created_at)} as="ago" />
          </p>
          {comparable ? null : <p className={styles["calm"]}>{text.changes.incomparable}</p>}
          {differences.length === 0 && comparable ? <p>{text.changes.nothing}</p> : null}
          <ul className={styles["list"]}>
            {differences.map((each) => (
              <li key={`${each.thing} ${each.task} ${each.name}`}>
                <Changed difference={each} />
              </li>
            ))}
          </ul>
          {more > 0 ? <p className={styles["calm"]}>{text.changes.more(more)}</p> : null}
        </>
      )}
    </section>
  );
}

function Changed({ difference }: { difference: Difference }) {
  const text = useText();
  const { before, after, diff } = difference;
  return (
    <>
      <span className={styles["what"]}>{nameOf(difference, text)}</span>
      {diff ? (
        <pre className={styles["diff"]}>
          {diff.split("\n").map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a difference never move
            <span key={index} data-line={line[0] === "+" ? "new" : line[0] === "-" ? "old" : undefined}>
              {`${line}\n`}
            </span>
          ))}
        </pre>
      ) : before === null && after === null ? null : (
        <span className={styles["values"]}>
          <code data-side="old">{before === null ? "–" : shown(before)}</code>
          <span aria-hidden>→</span>
          <code data-side="new">{after === null ? "–" : shown(after)}</code>
        </span>
      )}
    </>
  );
}

function nameOf({ thing, task, name }: Difference, text: Messages): string {
  const words = text.changes;
  if (thing === "PARAMETER") return words.parameter(name);
  if (thing === "INPUT") return words.input(name, task);
  if (thing === "SETTING") return words.settings[name as keyof typeof words.settings] ?? name;
  const aspect = words.aspects[name as keyof typeof words.aspects];
  return aspect ? aspect(task) : `${task}: ${name}`;
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
