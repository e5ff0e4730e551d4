# SPDX-License-Identifier: Apache-2.0
"""Run ONNX models on one CPU thread."""

from pathlib import Path

import onnxruntime


def one_thread_session(model: Path | bytes) -> onnxruntime.InferenceSession:
    """Return an inference session on one thread that never spins, of a file or its content.

    Raises:
        Exception: for what is no ONNX model; ONNX Runtime's errors share no narrower class.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.add_session_config_entry('session.intra_op.allow_spinning', '0')
    options.log_severity_level = 4
    # its fallback would print and try the same once more
    return onnxruntime.InferenceSession(
        model if isinstance(model, bytes) else str(model), options,
        providers=['CPUExecutionProvider'], enable_fallback=0)


def give_back() -> onnxruntime.RunOptions:
    """Return the options of a run that keeps none of its memory for the next one."""
    options = onnxruntime.RunOptions()
    options.add_run_config_entry('memory.enable_memory_arena_shrinkage', 'cpu:0')
    return options
