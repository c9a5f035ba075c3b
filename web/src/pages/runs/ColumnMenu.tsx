import { useText } from "~/i18n/text";
import { Button } from "~/ui/Button";
import { Menu, MenuCheck } from "~/ui/Menu";
import type { ValueColumn } from "./columns";

interface Props {
  known: readonly ValueColumn[];
  shown: readonly ValueColumn[];
  onChange: (shown: ValueColumn[]) => void;
}

/** Chooses the parameters and metrics that a list of runs shows. */
export function ColumnMenu({ known, shown, onChange }: Props) {
  const text = useText();
  if (known.length === 0) return null;
  return (
    <Menu trigger={<Button icon="down">{text.runs.columns}</Button>}>
      {known.map((column) => (
        <MenuCheck
          key={column}
          checked={shown.includes(column)}
          onChange={(chosen) => onChange(chosen ? [...shown, column] : shown.filter((each) => each !== column))}
        >
          {column.slice(2)}
          <small>{column.startsWith("m:") ? text.runs.metric : text.runs.parameter}</small>
        </MenuCheck>
      ))}
    </Menu>
  );
}
