"""The workloads, by name."""

from workloads import (
    bodies,
    elementwise,
    lstm,
    mixture,
    mlp,
    regression,
    rosenbrock,
    scalar_loop,
    stencil,
)

ALL = {w.name: w for w in (
    scalar_loop.WORKLOAD, mlp.SMALL, mlp.LARGE, stencil.WORKLOAD, mixture.WORKLOAD, lstm.WORKLOAD, rosenbrock.SLICES,
    rosenbrock.LOOP, elementwise.WORKLOAD, regression.WORKLOAD, bodies.WORKLOAD)}
