import numpy as np
import pytest

pytest.importorskip("radlearn.keras", exc_type=ImportError)

from radlearn.descriptors import IntensityHistogram
from radlearn.keras import HybridClassifier, accuracy_under_attack, fgsm, pgd
from radlearn.keras._adversary import attacked_inputs
from radlearn.keras._backend import load_keras
from radlearn.keras._gradients import input_gradient, score_model, score_of
from radlearn.preprocessing import NormalizeIntensity

pytestmark = pytest.mark.slow  # a network has to be built


def lengths(changes):
    return np.sqrt(np.square(changes).sum(axis=tuple(range(1, changes.ndim))))


@pytest.fixture(scope="module")
def smooth():
    """Network without kinks, so that differences come near to its slope."""
    keras = load_keras()
    keras.utils.set_random_seed(0)
    layers = keras.layers
    inputs = keras.Input((4, 4, 1))
    outputs = layers.Conv2D(3, 3, activation="tanh", data_format="channels_last")(inputs)
    return keras.Model(inputs, layers.Dense(2)(layers.Flatten()(outputs)))


def test_the_gradient_is_the_limit_of_differences(smooth):
    inputs = np.random.default_rng(0).normal(size=(2, 4, 4, 1)).astype(np.float32)
    targets = np.array([1, 0])
    gradient = input_gradient(smooth, inputs, score_of(targets))
    step = 1e-2
    for place in np.ndindex(4, 4):
        ahead, behind = inputs.copy(), inputs.copy()
        ahead[:, *place] += step
        behind[:, *place] -= step
        difference = smooth.predict_on_batch(ahead) - smooth.predict_on_batch(behind)
        np.testing.assert_allclose(gradient[:, *place, 0], difference[[0, 1], targets] / (2 * step), atol=2e-4)


def test_the_gradient_of_a_linear_score_is_its_weights():
    keras = load_keras()
    model = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten(), keras.layers.Dense(2)])
    weights = model.get_weights()[0]
    gradient = input_gradient(model, np.zeros((1, 2, 2, 1)), score_of(np.array([1])))
    np.testing.assert_allclose(gradient.ravel(), weights[:, 1], rtol=1e-6)


def test_scores_are_those_before_the_softmax(trained):
    scores = score_model(trained.model_)
    inputs = np.random.default_rng(0).normal(size=(2, 16, 16, 1)).astype(np.float32)
    values = np.exp(scores.predict_on_batch(inputs))
    np.testing.assert_allclose(
        values / values.sum(axis=1, keepdims=True), trained.model_.predict_on_batch(inputs), rtol=1e-4
    )


@pytest.mark.parametrize("attack", [fgsm, pgd])
def test_no_pixel_changes_by_more_than_the_budget(trained, new_squares, attack):
    changes = attack(trained, *new_squares, epsilon=3.0).changes
    np.testing.assert_array_less(np.abs(changes), 3.0 + 1e-4)
    assert np.abs(changes).max() > 2.9


@pytest.mark.parametrize("attack", [fgsm, pgd])
def test_no_image_changes_by_more_than_the_budget(trained, new_squares, attack):
    changes = lengths(attack(trained, *new_squares, epsilon=20.0, norm="l2").changes)
    np.testing.assert_array_less(changes, 20.0 + 1e-3)
    assert changes.max() > 19.9


def test_budgets_are_in_units_of_the_image(trained, new_squares):
    X, y = new_squares
    attack = fgsm(trained, X, y, epsilon=3.0)
    inputs = trained._inputs(X, reset=False)[np.arange(len(X))]
    deviations = [case.load().image.std() for case in X]
    steps = np.abs(attack.inputs - inputs).max(axis=(1, 2, 3))
    np.testing.assert_allclose(steps * deviations, 3.0, rtol=1e-3)


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_clipped_images_keep_their_range(trained, new_squares, norm):
    X, y = new_squares
    before = trained._inputs(X, reset=False)[np.arange(len(X))]
    free, clipped = (pgd(trained, X, y, epsilon=40, norm=norm, clip=clip) for clip in (False, True))
    outside = [attack.inputs.max(axis=(1, 2, 3)) > before.max(axis=(1, 2, 3)) + 1e-5 for attack in (free, clipped)]
    assert outside[0].any()
    assert not outside[1].any()
    assert loss(clipped, trained, y) > loss(pgd(trained, X, y, epsilon=0), trained, y)


def test_no_budget_changes_nothing(trained, new_squares):
    X, y = new_squares
    attack = pgd(trained, X, y, epsilon=0)
    assert not attack.changes.any()
    np.testing.assert_allclose(attack.probabilities, trained.predict_proba(X), atol=1e-6)
    np.testing.assert_array_equal(attack.labels, trained.predict(X))


def loss(attack, classifier, y):
    right = np.searchsorted(classifier.classes_, y)
    return -np.log(attack.probabilities[np.arange(len(y)), right] + 1e-12).mean()


def test_attacks_raise_the_loss_and_steps_raise_it_more(trained, new_squares):
    X, y = new_squares
    clean, one, many = (attack(trained, X, y, epsilon=epsilon) for attack, epsilon in ((pgd, 0), (fgsm, 6), (pgd, 6)))
    assert loss(clean, trained, y) < loss(one, trained, y) <= loss(many, trained, y) + 1e-3


def test_one_step_of_the_whole_budget_is_fgsm(trained, new_squares):
    one = pgd(trained, *new_squares, epsilon=5, n_steps=1, step_size=1.0)
    np.testing.assert_array_equal(one.inputs, fgsm(trained, *new_squares, epsilon=5).inputs)


def test_a_random_start_follows_from_the_seed(trained, new_squares):
    options = {"epsilon": 5, "n_steps": 2, "random_start": True}
    first, again, other = (pgd(trained, *new_squares, random_state=seed, **options).inputs for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_step_in_l2_goes_along_the_gradient():
    slope = np.array([3.0, 4.0], np.float32).reshape(1, 1, 2, 1)
    inputs = np.zeros((1, 1, 2, 1), np.float32)
    options = {"n_steps": 1, "step_size": 1.0, "random_start": False, "clip": False, "n_intensities": 1}
    changed = attacked_inputs(lambda *_: slope.copy(), inputs, None, np.array([10.0]), norm="l2", **options)
    np.testing.assert_allclose(changed.ravel(), [6, 8], rtol=1e-6)


def test_the_channel_of_the_mask_is_never_changed():
    inputs = np.zeros((1, 2, 2, 2), np.float32)
    options = {"n_steps": 3, "step_size": 0.5, "random_start": False, "clip": False, "norm": "linf"}
    changed = attacked_inputs(lambda *_: np.ones_like(inputs), inputs, None, np.ones(1), n_intensities=1, **options)
    np.testing.assert_array_equal(changed[..., 0], 1)
    np.testing.assert_array_equal(changed[..., 1], 0)


def test_an_attack_is_no_name(trained):
    with pytest.raises(TypeError, match="attack must be a function such as fgsm or pgd, not its name, got 'pgd'"):
        accuracy_under_attack(trained, [], [], [1], attack="pgd")


def test_accuracy_falls_with_the_budget_and_adversarial_training_helps(make_model, trained, squares, new_squares):
    X, y = new_squares
    curve = accuracy_under_attack(trained, X, y, [0, 15], n_steps=3)
    assert curve.index.tolist() == [0, 15]
    assert curve[0] > 0.9
    assert curve[15] < 0.5
    hardened = make_model(epochs=15, adversarial={"epsilon": 15}).fit(*squares)
    assert accuracy_under_attack(hardened, X, y, [15], n_steps=3)[15] > curve[15] + 0.2


def test_adversarial_training_is_repeatable(make_model, squares):
    adversarial = {"epsilon": 5, "n_steps": 2, "step_size": 0.6, "random_start": True}
    parameters = {"epochs": 1, "adversarial": adversarial}
    one, other = (make_model(**parameters).fit(*squares).model_.get_weights() for _ in range(2))
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("adversarial", "message"),
    [
        ({"eps": 3}, "adversarial must be a dict with epsilon"),
        ({"epsilon": 3, "steps": 2}, "adversarial must be a dict with epsilon"),
        ({"epsilon": -1}, "adversarial.*must be at least 0"),
        ({"epsilon": 1, "norm": "l1"}, "adversarial"),
        ({"epsilon": 1, "n_steps": 0}, "n_steps.*must be at least 1"),
        ({"epsilon": 1, "step_size": 0}, "step_size.*must be greater than 0"),
    ],
)
def test_options_of_adversarial_training_are_checked(make_model, squares, adversarial, message):
    with pytest.raises(ValueError, match=message):
        make_model(adversarial=adversarial).fit(*squares)


@pytest.mark.parametrize("flag", ["clip", "random_start"])
def test_flags_of_attacks_are_true_or_false(make_model, trained, squares, new_squares, flag):
    with pytest.raises(TypeError, match=f"^{flag} must be True or False, got 'no'"):
        pgd(trained, *new_squares, epsilon=1, **{flag: "no"})
    with pytest.raises(TypeError, match=rf"adversarial\['{flag}'\] must be True or False, got 'no'"):
        make_model(adversarial={"epsilon": 1, flag: "no"}).fit(*squares)


def test_what_cannot_be_attacked_is_told(trained, squares, new_squares):
    X, y = new_squares
    with pytest.raises(TypeError, match="expected a CNNClassifier or a TransferClassifier, got NormalizeIntensity"):
        fgsm(NormalizeIntensity().fit(X), X, y, epsilon=1)
    with pytest.raises(ValueError, match="'tumor' is none of the classes"):
        fgsm(trained, X, np.repeat("tumor", len(X)), epsilon=1)
    hybrid = HybridClassifier(IntensityHistogram(bins=4), input_shape=(16, 16), filters=(4,), dense=4, epochs=1)
    with pytest.raises(TypeError, match="the network of HybridClassifier is given more than an image"):
        fgsm(hybrid.fit(*squares), X, y, epsilon=1)
