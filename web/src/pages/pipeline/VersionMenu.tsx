import type { VersionRow } from "~/api/queries/pipelines";
import { useText } from "~/i18n/text";
import { Button } from "~/ui/Button";
import { Menu, MenuChoice } from "~/ui/Menu";

interface Props {
  versions: readonly VersionRow[];
  current: VersionRow;
  onChoose: (id: string) => void;
}

/** Which version is shown. */
export function VersionMenu({ versions, current, onChoose }: Props) {
  const text = useText();
  return (
    <Menu trigger={<Button icon="down">{`${text.common.version}: ${current.name}`}</Button>}>
      <MenuChoice
        label={text.pipelines.versions(versions.length)}
        value={current.id}
        choices={versions.map((version) => [version.id, version.name] as const)}
        onChoose={onChoose}
      />
    </Menu>
  );
}
