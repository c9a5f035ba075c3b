import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { upload } from "~/api/queries/pipelines";
import { useText } from "~/i18n/text";
import { Button } from "~/ui/Button";
import { Dialog } from "~/ui/Dialog";
import { Faults } from "~/ui/Faults";
import { Field } from "~/ui/Field";
import { FileInput } from "~/ui/FileInput";

interface Props {
  /** What was dropped, if something was. */
  file: File | null;
  /** Upload a version of it instead of a new pipeline. */
  pipelineId?: string;
  onClose: () => void;
}

/** Asks for a pipeline's file and its name, and shows every fault of the file in place. */
export function UploadDialog({ file: dropped, pipelineId, onClose }: Props) {
  const text = useText();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [file, setFile] = useState(dropped);
  const [name, setName] = useState<string | null>(null);
  const shown = name ?? nameOf(file);
  const store = useMutation({
    mutationFn: (chosen: File) => upload({ file: chosen, name: shown, ...(pipelineId ? { pipelineId } : {}) }),
    onSuccess: async (id) => {
      await queries.invalidateQueries({ queryKey: ["pipelines"] });
      await queries.invalidateQueries({ queryKey: ["pipeline_versions", id] });
      onClose();
      await navigate({ to: "/pipelines/$pipelineId", params: { pipelineId: id } });
    },
  });
  return (
    <Dialog title={pipelineId ? text.pipelines.uploadVersion : text.pipelines.upload} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (file) store.mutate(file);
        }}
      >
        <FileInput label={text.pipelines.file} accept=".yaml,.yml,.json,.zip,.gz,.tgz" file={file} onChange={setFile} />
        <Field label={text.common.name} value={shown} onChange={setName} required />
        {store.isError ? <Faults message={store.error.message} /> : null}
        <Dialog.Buttons>
          <Button onClick={onClose}>{text.common.cancel}</Button>
          <Button look="primary" type="submit" disabled={file === null || shown === "" || store.isPending}>
            {text.pipelines.upload}
          </Button>
        </Dialog.Buttons>
      </form>
    </Dialog>
  );
}

function nameOf(file: File | null): string {
  return file === null ? "" : file.name.replace(/\.(ya?ml|json|zip|tgz|tar\.gz)$/i, "");
}
