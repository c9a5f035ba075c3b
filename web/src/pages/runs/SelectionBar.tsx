import type { RunAction } from "~/api/queries/runs";
import { useText } from "~/i18n/text";
import { Button } from "~/ui/Button";
import { ButtonLink } from "~/ui/ButtonLink";
import { Confirm } from "~/ui/Confirm";
import styles from "./SelectionBar.module.css";

/** More cannot be told apart side by side. */
const MOST = 20;

interface Props {
  chosen: readonly string[];
  archived: boolean;
  busy: boolean;
  onAct: (action: RunAction) => void;
}

/** What can be done with the selected runs. */
export function SelectionBar({ chosen, archived, busy, onAct }: Props) {
  const text = useText();
  const count = chosen.length;
  return (
    <div className={styles["bar"]} role="toolbar" aria-label={text.common.actions}>
      <strong>{text.runs.selected(count)}</strong>
      {count >= 2 && count <= MOST ? (
        <ButtonLink to="/compare" search={{ runs: [...chosen] }} icon="compare">
          {text.runs.compare}
        </ButtonLink>
      ) : null}
      <Button icon="stop" disabled={busy} onClick={() => onAct("terminate")}>
        {text.runs.terminate}
      </Button>
      <Button icon="retry" disabled={busy} onClick={() => onAct("retry")}>
        {text.runs.retry}
      </Button>
      <Button icon="archive" disabled={busy} onClick={() => onAct(archived ? "unarchive" : "archive")}>
        {archived ? text.runs.restore : text.runs.archive}
      </Button>
      <Confirm
        trigger={
          <Button icon="trash" disabled={busy}>
            {text.runs.remove}
          </Button>
        }
        title={text.runs.deleteTitle(count)}
        action={text.runs.remove}
        onConfirm={() => onAct("delete")}
      >
        {text.runs.deleteHint}
      </Confirm>
    </div>
  );
}
