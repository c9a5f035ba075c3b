import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { samples, startSample } from "~/api/queries/server";
import { useText } from "~/i18n/text";
import { Button } from "~/ui/Button";
import { Failure } from "~/ui/Failure";
import { Faults } from "~/ui/Faults";
import styles from "./Samples.module.css";

interface Props {
  /** `cards` are for a page that has nothing else. */
  look: "cards" | "list";
}

/** Pipelines that ship with Pinnace, each started by one click. */
export function Samples({ look }: Props) {
  const text = useText();
  const navigate = useNavigate();
  const found = useQuery(samples());
  const start = useMutation({
    mutationFn: startSample,
    onSuccess: (runId) => navigate({ to: "/runs/$runId", params: { runId } }),
  });
  if (found.isError) return <Failure error={found.error} again={found.refetch} />;
  return (
    <>
      <ul className={styles["samples"]} data-look={look}>
        {found.data?.map(({ name, description }) => {
          const { title, about } = text.home.samples[name] ?? { title: name, about: description };
          return (
            <li key={name} className={styles["sample"]}>
              <div>
                <h3>{title}</h3>
                <p>{about}</p>
              </div>
              <Button
                icon="play"
                look={look === "cards" ? "primary" : "normal"}
                aria-label={text.home.startSample(title)}
                disabled={start.isPending}
                onClick={() => start.mutate(name)}
              >
                {look === "cards" ? text.newRun.start : undefined}
              </Button>
            </li>
          );
        })}
      </ul>
      {start.isError ? <Faults message={start.error.message} /> : null}
    </>
  );
}
