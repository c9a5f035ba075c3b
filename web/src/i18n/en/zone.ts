export const zone = { label: "Times in", local: "my time zone", utc: "UTC" };
