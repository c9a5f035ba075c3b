import { useState } from "react";
import { useText } from "~/i18n/text";
import { KeySheet } from "~/keys/KeySheet";
import { Button } from "~/ui/Button";

/** Opens the sheet of keys. */
export function KeysButton() {
  const text = useText();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon="keyboard" onClick={() => setOpen(true)}>
        {text.keys.title}
      </Button>
      {open ? <KeySheet onClose={() => setOpen(false)} /> : null}
    </>
  );
}
