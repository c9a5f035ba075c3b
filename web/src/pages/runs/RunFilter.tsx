import { useDeferredValue, useEffect, useState } from "react";
import type { RunListSearch } from "~/app/search";
import { useText } from "~/i18n/text";
import type { StateName } from "~/states/states";
import { Segments } from "~/ui/Segments";
import { TextField } from "~/ui/TextField";
import styles from "./RunFilter.module.css";

interface Props {
  search: RunListSearch;
  onChange: (search: RunListSearch) => void;
}

type StateChoice = "any" | Extract<StateName, "RUNNING" | "SUCCEEDED" | "FAILED">;

/** Which runs a list shows. All of it stands in the address. */
export function RunFilter({ search, onChange }: Props) {
  const text = useText();
  const [name, setName] = useState(search.q ?? "");
  const settled = useDeferredValue(name);
  useEffect(() => {
    if (settled === (search.q ?? "")) return;
    const { q: _, ...rest } = search;
    onChange(settled ? { ...rest, q: settled } : rest);
  }, [settled, search, onChange]);
  const state: StateChoice =
    search.state === "RUNNING" || search.state === "SUCCEEDED" || search.state === "FAILED" ? search.state : "any";
  const choose = (chosen: StateChoice) => {
    const { state: _, ...rest } = search;
    onChange(chosen === "any" ? rest : { ...rest, state: chosen });
  };
  const show = (chosen: "active" | "archived") => {
    const { archived: _, ...rest } = search;
    onChange(chosen === "archived" ? { ...rest, archived: true } : rest);
  };
  return (
    <search className={styles["filter"]}>
      <TextField icon="search" label={text.runs.search} value={name} onChange={setName} />
      <Segments
        label={text.common.state}
        value={state}
        onChoose={choose}
        choices={[
          ["any", text.runs.anyState],
          ["RUNNING", text.states.RUNNING],
          ["SUCCEEDED", text.states.SUCCEEDED],
          ["FAILED", text.states.FAILED],
        ]}
      />
      <Segments
        label={text.runs.archived}
        value={search.archived ? "archived" : "active"}
        onChoose={show}
        choices={[
          ["active", text.runs.active],
          ["archived", text.runs.archived],
        ]}
      />
    </search>
  );
}
