/** Why an assertion does not hold: the comparison in it that says no, and the values on its sides. */
import { type Expression, type Program, parse } from "acorn";

/** Gives the value of an expression as JSON; undefined where it has none. */
export type ShowValue = (expression: string) => string | undefined;

/** Lines such as `stdout is "hello\n"`. None for an assertion that can't be taken apart. */
export function failedComparison(assertion: string, show: ShowValue): readonly string[] {
  const program = parseProgram(assertion);
  const last = program?.body.at(-1);
  if (last?.type !== "ExpressionStatement") return [];
  const text = ({ start, end }: { readonly start: number; readonly end: number }) => assertion.slice(start, end);
  const guilty = findGuilty(last.expression, (expression) => show(text(expression)));
  const lines = partsOf(guilty).flatMap((part) => {
    if (isLiteral(part)) return [];
    const value = show(text(part));
    return value === undefined ? [] : [`${text(part)} is ${value}`];
  });
  return guilty === last.expression ? lines : [`because of: ${text(guilty)}`, ...lines];
}

function parseProgram(text: string): Program | undefined {
  try {
    return parse(text, { ecmaVersion: "latest", sourceType: "script" });
  } catch {
    // The engine's dialect is not quite acorn's: then the values aren't shown.
    return undefined;
  }
}

/** The part of a conjunction that is false; both sides of a disjunction are. */
function findGuilty(expression: Expression, show: (part: Expression) => string | undefined): Expression {
  if (expression.type === "ParenthesizedExpression") return findGuilty(expression.expression, show);
  if (expression.type !== "LogicalExpression" || expression.operator !== "&&") return expression;
  return show(expression.left) === "true" ? findGuilty(expression.right, show) : findGuilty(expression.left, show);
}

/** Says what it is by itself. */
function isLiteral(expression: Expression): boolean {
  if (expression.type === "UnaryExpression" && expression.operator === "-") return isLiteral(expression.argument);
  return expression.type === "Literal";
}

function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.type) {
    case "BinaryExpression":
      return expression.left.type === "PrivateIdentifier" ? [] : [expression.left, expression.right];
    case "LogicalExpression":
      return [...partsOf(expression.left), ...partsOf(expression.right)];
    case "UnaryExpression":
      return expression.operator === "!" ? negated(expression.argument) : [expression];
    case "CallExpression":
      return expression.callee.type === "MemberExpression" && expression.callee.object.type !== "Super"
        ? [expression.callee.object, ...expression.arguments.filter((argument) => argument.type !== "SpreadElement")]
        : [];
    case "ParenthesizedExpression":
      return partsOf(expression.expression);
    default:
      return [];
  }
}

function negated(expression: Expression): readonly Expression[] {
  return expression.type === "UnaryExpression" && expression.operator === "!"
    ? negated(expression.argument)
    : [expression];
}
