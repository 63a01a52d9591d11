"""Lists errors and warnings of saving and loading a training, as messages.py does."""

from __future__ import annotations

from parity.pages.guide.messages import _KERAS, _TORCH, Message

_SCHEDULE = "class Schedule({0}):\n    def __call__(self, {1}):\n        return 0.3\n\n"
_NOT_LOCATED = ("Could not locate class '{0}'. Make sure custom classes and functions are decorated with "
                "`@keras.saving.register_keras_serializable()`.")

SAVING = [
    Message(
        "mxnet", "AttributeError: Can't get attribute 'Schedule' on <module '__main__'",
        "import pickle\n\nimport numpy\n\nnumpy.bool = bool\nfrom mxnet import lr_scheduler\n\n"
        + _SCHEDULE.format("lr_scheduler.LRScheduler", "num_update") +
        "states = pickle.dumps(Schedule())  # trainer.save_states does this\n"
        "del Schedule  # another script does not have it\npickle.loads(states)  # trainer.load_states does this",
        "`trainer.save_states` pickles the scheduler by the names of its module and class. The loading script does not "
        "have this class. The class of a scheduler of `frameworks.mxnet.build` is imported when it is loaded; without "
        "this project installed, that fails with `ModuleNotFoundError: No module named 'frameworks'`.",
        "Put the self-contained code into a file that both scripts import, or run it before `load_states`. Use the "
        "class of the same schedule: the pickle does not contain the rates.", alone=True),
    Message(
        "torch", "Can't pickle <function <lambda> at 0x",
        "import pickle\n\n" + _TORCH + "pickle.dumps(lr_scheduler.LambdaLR(optimizer, lambda t: 0.5))",
        "A LambdaLR is pickled with its function, and pickle needs the function's name. A lambda has none.",
        "Save `scheduler.state_dict()`, which contains plain numbers, and load it into a newly built scheduler; this "
        "works with every scheduler. The self-contained code has a named function, so it can be pickled too. Load it "
        "by `torch.load(file, weights_only=False)` where the function can be imported."),
    Message(
        "tensorflow", _NOT_LOCATED.format("Specified"), "import keras\n\n"
        'schedule = {"module": "frameworks.tensorflow.schedules", "class_name": "Specified",\n'
        '            "registered_name": "frameworks>Specified", "config": {"schedule": "..."}}\n'
        'saved = {"class_name": "SGD", "config": {"learning_rate": schedule}}\n'
        "keras.optimizers.deserialize(saved)  # load_model does this",
        "The model was compiled with a schedule of `frameworks.tensorflow.build`, and this process has not imported "
        "its class. The message begins with `<class 'keras.src.optimizers.sgd.SGD'> could not be deserialized "
        "properly.` For an optimizer of `build_groups` it is `Could not locate class 'Grouped'.`, and from an .h5 file "
        "`Could not interpret optimizer identifier: grouped`.",
        "`import frameworks.tensorflow` before `load_model`. To use the model without training it further, "
        "`load_model(file, compile=False)` needs no import.", alone=True),
    Message(
        "tensorflow", _NOT_LOCATED.format("Schedule"),
        _KERAS + _SCHEDULE.format("LearningRateSchedule", "step") + "    def get_config(self):\n        return {}\n\n"
        "optimizer = keras.optimizers.SGD(Schedule())\n"
        "keras.optimizers.SGD.from_config(optimizer.get_config())  # load_model does this",
        "`load_model` looks for the class among the registered ones, even in the process that saved the model.",
        "Run or import the self-contained code before `load_model`: it registers its class, by a name that depends on "
        "the schedule. For a model that was saved with an unregistered class, `load_model(file, "
        'custom_objects={"Schedule": Schedule})`.'),
    Message(
        "tensorflow", "UserWarning: Skipping variable loading for optimizer 'sgd'",
        "import copy\n\n" + _KERAS +
        'optimizer = keras.optimizers.SGD(CosineDecay(0.3, 20), momentum=0.9, name="sgd")\n'
        "optimizer.build([keras.Variable([0.0])])\ncopy.deepcopy(optimizer)",
        "The optimizer's variables differ from the saved ones. Keras then loads none, and the rate starts again at "
        "update 0. A copied or unpickled optimizer has no momentum variables yet. Or the model was compiled with "
        "another optimizer.",
        "Copy, pickle or save the model instead. It builds its optimizer before it loads the variables."),
    Message(
        "tensorflow", "Could not deserialize 'keras.metrics.mse' because it is not a KerasSaveable subclass",
        "import tempfile\n\nimport keras\n\n"
        "model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])\n"
        'model.compile(optimizer="sgd", loss="mse")\n'
        'with tempfile.TemporaryDirectory() as folder:\n    model.save(folder + "/model.h5")\n'
        '    keras.models.load_model(folder + "/model.h5")',
        "Keras 3.15 does not read a loss's name from an .h5 file, the legacy format. It reads the object "
        "`keras.losses.MeanSquaredError()`.",
        '`model.save("model.keras")`. For an existing .h5 file: `load_model(file, compile=False)`, compile, and '
        "`model.optimizer.iterations.assign(t)`."),
]
