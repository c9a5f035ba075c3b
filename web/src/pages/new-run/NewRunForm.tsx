import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { createRun, type NewRun, type Source } from "~/api/queries/newRun";
import { stamp } from "~/format/time";
import type { Structure } from "~/graph/model";
import { useText } from "~/i18n/text";
import { Button } from "~/ui/Button";
import { Faults } from "~/ui/Faults";
import { Field, FieldFrame } from "~/ui/Field";
import { Segments } from "~/ui/Segments";
import { ExperimentField } from "./ExperimentField";
import { InputsCard } from "./InputsCard";
import styles from "./NewRun.module.css";
import { entriesOf, readAll } from "./values";

/** What the form begins with. */
export interface Given {
  name: string;
  experimentId: string;
  parameters: Record<string, unknown>;
  pipelineRoot: string;
  caching?: boolean;
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
  const [name, setName] = useState(given.name || `${structure.display_name} ${stamp()}`);
  const [entries, setEntries] = useState(() => entriesOf(structure.parameters, given.parameters));
  const [experimentId, setExperimentId] = useState(given.experimentId);
  const [caching, setCaching] = useState(given.caching ?? true);
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
      <InputsCard
        about={`${structure.display_name} · ${about}`}
        parameters={structure.parameters}
        entries={entries}
        faults={tried ? faults : {}}
        onChange={setEntries}
      />
      <section className={styles["card"]}>
        <h2>{text.newRun.run}</h2>
        <Field label={text.common.name} value={name} onChange={setName} required />
        <ExperimentField value={experimentId} onChange={setExperimentId} />
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
