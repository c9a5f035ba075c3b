"""Two components with parameters only: (a + b) * c."""

from kfp import compiler, dsl

IMAGE = "python:3.12-slim"


@dsl.component(base_image=IMAGE)
def add(a: float, b: float) -> float:
    """Add two numbers."""
    print(f"{a} + {b} = {a + b}")
    return a + b


@dsl.component(base_image=IMAGE)
def multiply(a: float, b: float) -> float:
    """Multiply two numbers."""
    print(f"{a} * {b} = {a * b}")
    return a * b


@dsl.pipeline(name="math-pipeline", description="Adds two numbers and multiplies the sum by a third")
def math_pipeline(a: float = 4.0, b: float = 5.0, c: float = 6.0) -> float:
    total = add(a=a, b=b)
    product = multiply(a=total.output, b=c)
    return product.output


if __name__ == "__main__":
    compiler.Compiler().compile(math_pipeline, "math_pipeline.yaml")
    print("wrote math_pipeline.yaml")
