export const language = { label: "Language", system: "As the browser", en: "English", ko: "한국어" };
