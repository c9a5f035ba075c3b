import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { createExperiment } from "~/api/queries/experiments";
import { useText } from "~/i18n/text";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Field } from "~/ui/Field";

/** Asks for the name of a new experiment. */
export function NewExperiment({ onClose }: { onClose: () => void }) {
  const text = useText();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const create = useMutation({
    mutationFn: () => createExperiment(name, description),
    onSuccess: async (experimentId) => {
      await queries.invalidateQueries({ queryKey: ["experiments"] });
      await navigate({ to: "/experiments/$experimentId", params: { experimentId } });
    },
  });
  return (
    <Dialog title={text.experiments.create} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <Field label={text.common.name} value={name} onChange={setName} required error={create.error?.message} />
        <Field label={text.common.description} value={description} onChange={setDescription} />
        <Dialog.Buttons>
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button look="primary" type="submit" disabled={name === "" || create.isPending}>
            {text.experiments.create}
          </Button>
        </Dialog.Buttons>
      </form>
    </Dialog>
  );
}
