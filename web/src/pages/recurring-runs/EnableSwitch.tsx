import { useMutation, useQueryClient } from "@tanstack/react-query";
import { actOnRecurring, type Recurring } from "~/api/queries/recurring";
import { useText } from "~/i18n/text";
import { Switch } from "~/ui/Switch";

/** Whether a recurring run makes runs. */
export function EnableSwitch({ recurring }: { recurring: Pick<Recurring, "id" | "name" | "enabled"> }) {
  const text = useText();
  const queries = useQueryClient();
  const act = useMutation({
    mutationFn: (on: boolean) => actOnRecurring(recurring.id, on ? "enable" : "disable"),
    onSettled: async () => {
      await queries.invalidateQueries({ queryKey: ["recurring_run", recurring.id] });
      await queries.invalidateQueries({ queryKey: ["recurring_runs"] });
    },
  });
  return (
    <Switch
      label={text.recurring.enable(recurring.name)}
      on={act.isPending ? act.variables : recurring.enabled}
      onChange={act.mutate}
    />
  );
}
