// Runs an Express machine whose expressions are JSONata, on the library that AWS names as the reference.
// stdin: {definition, runs: [{input, payloads}]}; a task gets the next of `payloads`.
// stdout: [{output, sent, steps}], one for each run; `sent` are the arguments of the tasks.
import jsonata from "jsonata";

const copy = (value) => (value === undefined ? value : JSON.parse(JSON.stringify(value)));

async function evaluated(template, bindings) {
  if (typeof template === "string") {
    if (!template.startsWith("{%")) return template;
    const value = await jsonata(template.slice(2, -2)).evaluate({}, bindings);
    if (value === undefined) throw new Error(`States.QueryEvaluationError: undefined: ${template}`);
    return copy(value);
  }
  if (Array.isArray(template)) return Promise.all(template.map((each) => evaluated(each, bindings)));
  if (template === null || typeof template !== "object") return template;
  const entries = Object.entries(template).map(async ([key, value]) => [key, await evaluated(value, bindings)]);
  return Object.fromEntries(await Promise.all(entries));
}

async function run(definition, { input, payloads }) {
  let [name, data, variables] = [definition.StartAt, input, {}];
  const [sent, steps] = [[], []];
  for (;;) {
    const state = definition.States[name];
    steps.push(name);
    const states = { input: copy(data) };
    const bindings = () => ({ ...copy(variables), states });
    if (state.Type === "Fail") return { error: state.Error, sent, steps };
    if (state.Type === "Choice") {
      let next = state.Default;
      for (const choice of state.Choices) {
        const met = await evaluated(choice.Condition, bindings());
        if (typeof met !== "boolean") throw new Error(`no boolean: ${choice.Condition}`);
        if (met) { next = choice.Next; break; }
      }
      name = next;
      continue;
    }
    if (state.Type === "Task") {
      sent.push(await evaluated(state.Arguments, bindings()));
      states.result = { Payload: payloads.shift() };
    }
    const output = await evaluated(state.Output ?? data, bindings());
    variables = { ...variables, ...(await evaluated(state.Assign ?? {}, bindings())) };
    if (state.End) return { output, sent, steps };
    [data, name] = [output, state.Next];
  }
}

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { definition, runs } = JSON.parse(Buffer.concat(chunks).toString());
const answers = [];
for (const each of runs) answers.push(await run(definition, each));
process.stdout.write(JSON.stringify(answers));
