import { useQuery } from "@tanstack/react-query";
import { experimentNames } from "~/api/queries/experiments";
import { useText } from "~/i18n/text";
import { FieldFrame } from "~/ui/Field";
import { Select } from "~/ui/Select";

interface Props {
  /** "" for the default one. */
  value: string;
  onChange: (experimentId: string) => void;
}

/** Which experiment the runs belong to. */
export function ExperimentField({ value, onChange }: Props) {
  const text = useText();
  const experiments = useQuery(experimentNames());
  return (
    <FieldFrame label={text.common.experiment}>
      {({ id }) => (
        <Select
          id={id}
          value={value}
          onChange={onChange}
          choices={[
            ["", text.newRun.defaultExperiment],
            ...(experiments.data ?? []).map((each) => [each.id, each.name] as const),
          ]}
        />
      )}
    </FieldFrame>
  );
}
