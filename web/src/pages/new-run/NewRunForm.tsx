import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { experimentNames } from "~/api/queries/experiments";
import { createRun, type NewRun, type Source } from "~/api/queries/newRun";
import type { Structure } from "~/graph/model";
import { useText } from "~/i18n/text";
import { Button } from "~/ui/Button";
import { Faults } from "~/ui/Faults";
import { Field, FieldFrame } from "~/ui/Field";
import { Segments } from "~/ui/Segments";
import { Select } from "~/ui/Select";
import styles from "./NewRun.module.css";
import { ParameterField } from "./ParameterField";
import { type Entry, entryOf, readAll } from "./values";

/** What the form begins with. */
export interface Given {
  name: string;
  experimentId: string;
  parameters: Record<string, unknown>;
  pipelineRoot: string;
}

interface Props {
  structure: Structure;
  source: Source;
  given: Given;
  /** The version, or the run that is cloned. */
  about: string;
}

/** Everything that a run can be given; a wrong value is shown at its field. */
export function NewRunForm({ structure, source, given, about }: Props) {
  const text = useText();
  const navigate = useNavigate();
  const experiments = useQuery(experimentNames());
  const [name, setName] = useState(given.name || `${structure.display_name} ${stamp()}`);
  const [entries, setEntries] = useState(() => entriesOf(structure, given.parameters));
  const [experimentId, setExperimentId] = useState(given.experimentId);
  const [caching, setCaching] = useState(true);
  const [environment, setEnvironment] = useState<NewRun["environment"]>("");
  const [pipelineRoot, setPipelineRoot] = useState(given.pipelineRoot);
  const [description, setDescription] = useState("");
  const [tried, setTried] = useState(false);
  const { values, faults } = readAll(structure.parameters, entries);
  const start = useMutation({
    mutationFn: createRun,
    onSuccess: (runId) => navigate({ to: "/runs/$runId", params: { runId } }),
  });
  const submit = () => {
    setTried(true);
    if (Object.keys(faults).length > 0) return;
    start.mutate({ name, description, source, experimentId, parameters: values, pipelineRoot, caching, environment });
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
      <section className={styles["card"]}>
        <h2>{text.newRun.inputs}</h2>
        <p className={styles["about"]}>{`${structure.display_name} · ${about}`}</p>
        {structure.parameters.length === 0 ? <p>{text.pipelines.noInputs}</p> : null}
        {structure.parameters.map((parameter) => (
          <ParameterField
            key={parameter.name}
            parameter={parameter}
            entry={entries[parameter.name] ?? null}
            fault={tried ? faults[parameter.name] : undefined}
            onChange={(entry) => setEntries({ ...entries, [parameter.name]: entry })}
          />
        ))}
      </section>
      <section className={styles["card"]}>
        <h2>{text.newRun.run}</h2>
        <Field label={text.common.name} value={name} onChange={setName} required />
        <FieldFrame label={text.common.experiment}>
          {({ id }) => (
            <Select
              id={id}
              value={experimentId}
              onChange={setExperimentId}
              choices={[
                ["", text.newRun.defaultExperiment],
                ...(experiments.data ?? []).map((each) => [each.id, each.name] as const),
              ]}
            />
          )}
        </FieldFrame>
        <FieldFrame label={text.newRun.caching} hint={text.newRun.cachingHint}>
          {() => (
            <Segments
              label={text.newRun.caching}
              value={caching ? "on" : "off"}
              onChoose={(chosen) => setCaching(chosen === "on")}
              choices={[
                ["on", text.newRun.on],
                ["off", text.newRun.off],
              ]}
            />
          )}
        </FieldFrame>
        <FieldFrame label={text.newRun.environment} hint={text.newRun.environmentHint}>
          {() => (
            <Segments
              label={text.newRun.environment}
              value={environment || "server"}
              onChoose={(chosen) => setEnvironment(chosen === "server" ? "" : chosen)}
              choices={[
                ["server", text.newRun.asServer],
                ["inherit", "inherit"],
                ["isolated", "isolated"],
              ]}
            />
          )}
        </FieldFrame>
        <Field
          label={text.newRun.root}
          value={pipelineRoot}
          onChange={setPipelineRoot}
          placeholder={text.newRun.rootHint}
        />
        <Field label={text.common.description} value={description} onChange={setDescription} />
        {start.isError ? <Faults message={start.error.message} /> : null}
        <Button look="primary" type="submit" icon="play" disabled={start.isPending || name === ""}>
          {text.newRun.start}
        </Button>
      </section>
    </form>
  );
}

function entriesOf(structure: Structure, parameters: Record<string, unknown>): Record<string, Entry> {
  return Object.fromEntries(
    structure.parameters.map((parameter) => [parameter.name, entryOf(parameter, parameters[parameter.name])]),
  );
}

/** The present as the SDK writes it into the names of runs. */
function stamp(): string {
  const now = new Date();
  const pad = (value: number) => String(value).padStart(2, "0");
  const date = `${now.getFullYear()}-${pad(now.getMonth() + 1)}-${pad(now.getDate())}`;
  return `${date} ${pad(now.getHours())}-${pad(now.getMinutes())}-${pad(now.getSeconds())}`;
}
