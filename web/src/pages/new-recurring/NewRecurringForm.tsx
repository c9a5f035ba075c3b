import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Source } from "~/api/queries/newRun";
import type { VersionRow } from "~/api/queries/pipelines";
import { createRecurring, type Recurring } from "~/api/queries/recurring";
import { useText } from "~/i18n/text";
import { usePreferences } from "~/preferences/preferences";
import { Button } from "~/ui/Button";
import { Faults } from "~/ui/Faults";
import { Field, FieldFrame } from "~/ui/Field";
import { Segments } from "~/ui/Segments";
import { Select } from "~/ui/Select";
import { ExperimentField } from "../new-run/ExperimentField";
import { InputsCard } from "../new-run/InputsCard";
import styles from "../new-run/NewRun.module.css";
import { entriesOf, type Parameter, readAll } from "../new-run/values";
import { entryOfTrigger, triggerOf } from "./entry";
import { fieldOf } from "./faults";
import { ScheduleCard } from "./ScheduleCard";

const route = getRouteApi("/recurring/new");

interface Props {
  /** Which pipeline this is. */
  about: string;
  parameters: readonly Parameter[];
  source: Source;
  /** The version that the inputs are those of; without it the document itself is kept. */
  version?: VersionRow;
  /** The one that is cloned. */
  given: Recurring | null;
}

/** Everything that a recurring run can be given. What is wrong, is said where it stands. */
export function NewRecurringForm({ about, parameters, source, version, given }: Props) {
  const text = useText();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const { zone } = usePreferences();
  const search = route.useSearch();
  const [name, setName] = useState(given ? text.newRun.cloneOf(given.name) : "");
  const [description, setDescription] = useState(given?.description ?? "");
  const [entries, setEntries] = useState(() => entriesOf(parameters, given?.parameters ?? {}));
  const [experimentId, setExperimentId] = useState(given?.experimentId ?? search.experiment ?? "");
  const [pipelineRoot, setPipelineRoot] = useState(given?.pipelineRoot ?? "");
  const [pinned, setPinned] = useState("versionId" in source && source.versionId !== "");
  const [trigger, setTrigger] = useState(() => entryOfTrigger(given?.trigger, zone));
  const [catchUp, setCatchUp] = useState(given?.catchUp ?? false);
  const [concurrency, setConcurrency] = useState(String(given?.maxConcurrency ?? 1));
  const [tried, setTried] = useState(false);
  const { values, faults } = readAll(parameters, entries);
  const read = triggerOf(trigger, zone);
  const tooMany = !/^([1-9]|10)$/.test(concurrency);
  const create = useMutation({
    mutationFn: createRecurring,
    onSuccess: async (recurringId) => {
      await queries.invalidateQueries({ queryKey: ["recurring_runs"] });
      await navigate({ to: "/recurring/$recurringId", params: { recurringId } });
    },
  });
  const refused = create.error?.message;
  const place = refused === undefined ? null : fieldOf(refused);
  const submit = () => {
    setTried(true);
    if (Object.keys(faults).length > 0 || read.fault !== null || tooMany) return;
    create.mutate({
      name,
      description,
      experimentId,
      pipelineRoot,
      catchUp,
      parameters: values,
      trigger: read.trigger,
      maxConcurrency: Number(concurrency),
      source: version ? { pipelineId: version.pipelineId, versionId: pinned ? version.id : "" } : source,
    });
  };
  return (
    <form
      className={styles["form"]}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div className={styles["column"]}>
        <ScheduleCard
          entry={trigger}
          onChange={setTrigger}
          refused={
            place === "cron" || place === "interval" || place === "end" ? { field: place, words: refused } : null
          }
        />
        <InputsCard
          about={about}
          parameters={parameters}
          entries={entries}
          faults={tried ? faults : {}}
          onChange={setEntries}
        />
      </div>
      <section className={styles["card"]}>
        <h2>{text.recurring.one}</h2>
        <Field
          label={text.common.name}
          value={name}
          onChange={setName}
          required
          error={place === "name" ? refused : undefined}
        />
        {version ? (
          <FieldFrame label={text.recurring.version}>
            {({ id }) => (
              <Select
                id={id}
                value={pinned ? "this" : "latest"}
                onChange={(chosen) => setPinned(chosen === "this")}
                choices={[
                  ["latest", text.recurring.latestVersion],
                  ["this", text.recurring.thisVersion(version.name)],
                ]}
              />
            )}
          </FieldFrame>
        ) : null}
        <ExperimentField value={experimentId} onChange={setExperimentId} />
        <FieldFrame label={text.recurring.catchUp} hint={text.recurring.catchUpHint}>
          {() => (
            <Segments
              label={text.recurring.catchUp}
              value={catchUp ? "on" : "off"}
              onChoose={(chosen) => setCatchUp(chosen === "on")}
              choices={[
                ["off", text.recurring.catchUpLatest],
                ["on", text.recurring.catchUpAll],
              ]}
            />
          )}
        </FieldFrame>
        <Field
          label={text.recurring.concurrency}
          type="number"
          min={1}
          max={10}
          value={concurrency}
          onChange={setConcurrency}
          hint={text.recurring.concurrencyHint}
          error={tooMany ? text.recurring.concurrencyWrong : place === "concurrency" ? refused : undefined}
        />
        <Field
          label={text.newRun.root}
          value={pipelineRoot}
          onChange={setPipelineRoot}
          placeholder={text.newRun.rootHint}
          error={place === "root" ? refused : undefined}
        />
        <Field label={text.common.description} value={description} onChange={setDescription} />
        {refused !== undefined && place === null ? <Faults message={refused} /> : null}
        <Button look="primary" type="submit" icon="schedules" disabled={create.isPending || name === ""}>
          {text.recurring.createAction}
        </Button>
      </section>
    </form>
  );
}
