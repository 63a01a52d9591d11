# The built-in schedulers. Their defaults are whole numbers, but their arguments may be any numbers.
class LRScheduler:
    base_lr: float
    warmup_steps: int
    def __init__(
        self, base_lr: float = ..., warmup_steps: int = ..., warmup_begin_lr: float = ..., warmup_mode: str = ...,
    ) -> None: ...
    def __call__(self, num_update: int) -> float: ...

class FactorScheduler(LRScheduler):
    count: int
    def __init__(
        self, step: int, factor: float = ..., stop_factor_lr: float = ..., base_lr: float = ...,
        warmup_steps: int = ..., warmup_begin_lr: float = ..., warmup_mode: str = ...,
    ) -> None: ...

class MultiFactorScheduler(LRScheduler):
    cur_step_ind: int
    count: int
    def __init__(
        self, step: list[int], factor: float = ..., base_lr: float = ...,
        warmup_steps: int = ..., warmup_begin_lr: float = ..., warmup_mode: str = ...,
    ) -> None: ...

class PolyScheduler(LRScheduler):
    max_update: int
    def __init__(
        self, max_update: int, base_lr: float = ..., pwr: float = ..., final_lr: float = ...,
        warmup_steps: int = ..., warmup_begin_lr: float = ..., warmup_mode: str = ...,
    ) -> None: ...

class CosineScheduler(LRScheduler):
    max_update: int
    def __init__(
        self, max_update: int, base_lr: float = ..., final_lr: float = ...,
        warmup_steps: int = ..., warmup_begin_lr: float = ..., warmup_mode: str = ...,
    ) -> None: ...
