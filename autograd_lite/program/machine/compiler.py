"""Turns modules of intermediate code into functions of this processor."""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import cache
from typing import Any

import llvmlite.binding as llvm

llvm.initialize_native_target()
llvm.initialize_native_asmprinter()

#: Vectors are explicit and loops are as they will run, so that nothing else pays for its time.
_PASSES = ("sroa", "instruction_combine", "simplify_cfg")


def _target() -> Any:
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=1
    )


class Compiled:
    """Machine code in memory; :meth:`address` finds its functions. It lives as long as this object."""

    def __init__(self, module: Any) -> None:
        target = _target()
        parsed = llvm.parse_assembly(str(module))
        parsed.triple, parsed.data_layout = target.triple, str(target.target_data)
        builder = llvm.create_pass_builder(target, llvm.create_pipeline_tuning_options(1))
        passes = llvm.create_new_module_pass_manager()
        for name in _PASSES:
            getattr(passes, f"add_{name}_pass")()
        passes.run(parsed, builder)
        self._engine = llvm.create_mcjit_compiler(parsed, target)
        self._engine.finalize_object()

    def address(self, name: str) -> int:
        """The address of a function of the module."""
        return int(self._engine.get_function_address(name))


@cache
def is_in_c(name: str) -> bool:
    """Whether the C library has a function of that name; compiled code then finds it."""
    for library in (
        None,
        *filter(None, [ctypes.util.find_library("m"), ctypes.util.find_library("ucrtbase")]),
    ):
        try:
            found = getattr(ctypes.CDLL(library), name)
        except (AttributeError, OSError, TypeError):
            continue
        llvm.add_symbol(name, ctypes.cast(found, ctypes.c_void_p).value)
        return True
    return False
