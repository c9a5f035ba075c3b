import { useText } from "~/i18n/text";
import { Button } from "~/ui/Button";
import { Icon } from "~/ui/Icon";
import { SearchField } from "~/ui/SearchField";
import { Select } from "~/ui/Select";
import { type LogPlace, logAddress } from "./LogReader";
import type { LevelFilter } from "./LogSelection";
import styles from "./LogView.module.css";

interface Props {
  place: LogPlace;
  query: string;
  onQuery: (query: string) => void;
  found: { count: number; at: number } | null;
  onStep: (by: 1 | -1) => void;
  level: LevelFilter;
  onLevel: (level: LevelFilter) => void;
  wrap: boolean;
  onWrap: (wrap: boolean) => void;
  follow: boolean;
  onFollow: (follow: boolean) => void;
  /** Reads all of it; null where that is not needed. */
  whole: (() => void) | null;
  live: boolean;
}

/** What can be done with a log. */
export function LogTools(props: Props) {
  const { place, query, found, level, wrap, follow, whole, live } = props;
  const text = useText();
  return (
    <div
      className={styles["tools"]}
      role="toolbar"
      aria-label={text.run.logs}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement) || event.target.type !== "text")
          return;
        event.preventDefault();
        props.onStep(event.shiftKey ? -1 : 1);
      }}
    >
      <span className={styles["search"]}>
        <SearchField label={text.log.search} value={query} onChange={props.onQuery} />
      </span>
      {found ? (
        <>
          <span className={styles["count"]} role="status">
            {found.count === 0 ? text.log.noHits : text.log.hits(found.at + 1, found.count)}
          </span>
          <Button look="plain" icon="left" aria-label={text.log.previousHit} onClick={() => props.onStep(-1)} />
          <Button look="plain" icon="chevron" aria-label={text.log.nextHit} onClick={() => props.onStep(1)} />
        </>
      ) : null}
      <span className={styles["gap"]} />
      {whole ? (
        <Button look="plain" onClick={whole} title={text.log.wholeHint}>
          {text.log.whole}
        </Button>
      ) : null}
      <span className={styles["level"]}>
        <Select
          label={text.log.level}
          value={level}
          choices={[
            ["all", text.log.levels.all],
            ["warnings", text.log.levels.warnings],
            ["errors", text.log.levels.errors],
          ]}
          onChange={(value) => props.onLevel(value as LevelFilter)}
        />
      </span>
      <label className={styles["switch"]}>
        <input type="checkbox" checked={wrap} onChange={(event) => props.onWrap(event.target.checked)} />
        {text.run.wrap}
      </label>
      {live ? (
        <label className={styles["switch"]}>
          <input type="checkbox" checked={follow} onChange={(event) => props.onFollow(event.target.checked)} />
          {text.run.follow}
        </label>
      ) : null}
      <a
        className={styles["download"]}
        href={logAddress(place, { download: true })}
        download
        aria-label={text.log.download}
        title={text.log.download}
      >
        <Icon name="download" size={14} />
      </a>
    </div>
  );
}
