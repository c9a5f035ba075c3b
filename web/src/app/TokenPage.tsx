import { type FormEvent, useState } from "react";
import { ask, BASE } from "~/api/client";
import { keepToken, token } from "~/api/token";
import { useText } from "~/i18n/text";
import { Button } from "~/ui/Button";
import { FieldFrame } from "~/ui/Field";
import controls from "~/ui/Field.module.css";
import { Page } from "~/ui/Page";
import styles from "./TokenPage.module.css";

/** Asks for the token of a server that has one. Nothing else can be shown before. */
export function TokenPage() {
  const text = useText();
  const [given, setGiven] = useState("");
  const [fault, setFault] = useState(token() ? text.token.wrong : "");
  const enter = async (event: FormEvent) => {
    event.preventDefault();
    keepToken(given.trim());
    try {
      const answer = await ask(`${BASE}/apis/v2beta1/healthz`);
      // Everything begins anew: what has been refused so far, and the streams.
      if (answer.ok) window.location.reload();
      else setFault(text.token.wrong);
    } catch {
      setFault(text.errors.unreachable);
    }
  };
  return (
    <main className={styles["main"]}>
      <Page title={text.token.title}>
        <p>{text.token.hint}</p>
        <form className={styles["form"]} onSubmit={enter}>
          <FieldFrame label={text.token.label} error={fault}>
            {({ id, describedBy }) => (
              <input
                id={id}
                className={controls["control"]}
                type="password"
                autoComplete="current-password"
                required
                value={given}
                aria-invalid={fault !== ""}
                aria-describedby={describedBy}
                onChange={(event) => setGiven(event.target.value)}
              />
            )}
          </FieldFrame>
          <Button look="primary" type="submit" disabled={given.trim() === ""}>
            {text.token.enter}
          </Button>
        </form>
      </Page>
    </main>
  );
}
