"""Checks the reference cases of test/golden/losses/features.json, and writes its extra cases.

The reference cases were made by running the losses' public reference implementations. Here the same
formulas are restated in PyTorch, independently of Potstill; both must agree. The extra cases hold what the
reference implementations do not cover: sample weights, padding, equal samples, maps with one axis of
positions, maps whose axes shrink by different factors, and graphs. Sums over samples are loops there, and a
sample of weight 0 is taken out of the batch.

    /usr/bin/python3 scripts/golden/feature_losses.py        (PyTorch 2.6, float64)
"""

import itertools
import json
import pathlib

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
FILE = pathlib.Path(__file__).resolve().parents[2] / "test" / "golden" / "losses" / "features.json"


def same_size(a, b):
    """Average-pools both to the smaller of their sizes, axis by axis."""
    size = [min(m, n) for m, n in zip(a.shape[2:], b.shape[2:])]
    pool = F.adaptive_avg_pool2d if len(size) == 2 else F.adaptive_avg_pool1d
    return pool(a, size), pool(b, size)


def hint(student, teacher, weights):
    return (weights * F.mse_loss(student, teacher, reduction="none").flatten(1).mean(1)).sum()


def attention(student, teacher, weights):
    maps = [F.normalize((x**2).mean(1).flatten(1)) for x in same_size(student, teacher)]
    return (weights * ((maps[0] - maps[1]) ** 2).mean(1)).sum()


def similarity(student, teacher, weights):
    keep = weights > 0
    rows = [F.normalize(x[keep].flatten(1) @ x[keep].flatten(1).T) for x in (student, teacher)]
    each = (rows[0] - rows[1]) ** 2
    w = weights[keep].tolist()
    pairs = itertools.product(range(len(w)), repeat=2)
    return sum(w[i] * w[j] * each[i, j] for i, j in pairs)


def length(x):
    """Its gradient is 0 at 0."""
    return torch.linalg.vector_norm(x)


def direction(x):
    return x / length(x) if x.any() else torch.zeros_like(x)


def relation(student, teacher, weights, distance_weight, angle_weight):
    keep = weights > 0
    w = weights[keep].tolist()
    points = [(x.mean((2, 3)) if x.dim() == 4 else x.flatten(1))[keep] for x in (student, teacher)]
    every = range(len(w))
    d = [torch.stack([torch.stack([length(x[j] - x[i]) for j in every]) for i in every]) for x in points]
    d = [x / x[x > 0].mean() for x in d]
    loss = 0
    for i, j in itertools.product(every, repeat=2):
        loss += distance_weight * w[i] * w[j] * F.smooth_l1_loss(d[0][i, j], d[1][i, j])
    for i in every:
        units = [[direction(x[j] - x[i]) for j in every] for x in points]
        for j, k in itertools.product(every, repeat=2):
            cosines = [u[j] @ u[k] for u in units]
            loss += angle_weight * w[i] * w[j] * w[k] * F.smooth_l1_loss(*cosines)
    return loss


def gram(student, teacher, weights):
    def matrix(first, second):
        first, second = (x.flatten(2) for x in same_size(first, second))
        return torch.einsum("bci,bdi->bcd", first, second) / first.shape[2]

    return (weights * ((matrix(*student) - matrix(*teacher)) ** 2).mean((1, 2))).sum()


def graph(student, teacher, weights, neighbours):
    keep = weights > 0
    w = weights[keep].tolist()
    n = len(w)
    adjacencies = []
    for x in (student, teacher):
        rows = x[keep].flatten(1)
        cosines = [[F.cosine_similarity(rows[i], rows[j], dim=0) for j in range(n)] for i in range(n)]
        edges = [[cosines[i][j] if i != j and cosines[i][j] > 0 else torch.zeros(()) for j in range(n)] for i in range(n)]
        matrix = torch.stack([torch.stack(row) for row in edges])
        roots = torch.diag(torch.stack([max(sum(row), torch.tensor(1e-2)) ** -0.5 for row in edges]))
        adjacencies.append(roots @ matrix @ roots)
    chosen = set(itertools.permutations(range(n), 2))
    share = 1
    if neighbours is not None:
        values, nearest = (x.tolist() for x in adjacencies[1].topk(neighbours + 1, dim=1))
        ties = [row[-2] - row[-1] for row in values if row[-2] > 0]
        assert min(ties) > 1e-3, "no two edges may tie for the last place"
        near = [(i, nearest[i][at]) for i in range(n) for at in range(neighbours) if values[i][at] > 0]
        chosen = {pair for i, j in near for pair in ((i, j), (j, i))}
        share = max(1, (n - 1) / neighbours)
    difference = adjacencies[0] - adjacencies[1]
    return share * n * n * sum(w[i] * w[j] * difference[i, j] ** 2 for i, j in chosen)


def graph_of(neighbours):
    return lambda s, t, w: graph(s, t, w, neighbours)


def relation_of(distance_weight, angle_weight):
    return lambda s, t, w: relation(s, t, w, distance_weight, angle_weight)


LOSSES = {
    "FitNet_mse": hint,
    "AT_p2": attention,
    "SP": similarity,
    "RKD_25_50": relation_of(25, 50),
    "RKD_D_only": relation_of(1, 0),
    "RKD_A_only": relation_of(0, 1),
    "FSP": gram,
}


def read(tensor):
    return torch.tensor(tensor["data"]).reshape(tensor["shape"])


def written(tensor):
    return {"shape": list(tensor.shape), "data": tensor.detach().flatten().tolist()}


def derived(loss_of, student, teacher, weights):
    """student and teacher: one tensor per layer. @returns the loss and its gradient for each of student"""
    student = [x.clone().requires_grad_() for x in student]
    one = len(student) == 1
    loss = loss_of(student[0] if one else student, teacher[0] if one else teacher, weights)
    return loss.item(), torch.autograd.grad(loss, student)


def check(cases):
    assert [case["name"] for case in cases] == list(LOSSES)
    for case in cases:
        student, teacher = ([read(x) for x in case[key]] for key in ("student", "teacher"))
        batch = len(student[0])
        loss, gradients = derived(LOSSES[case["name"]], student, teacher, torch.full((batch,), 1 / batch))
        assert abs(loss - case["loss"]) <= 1e-12 * abs(case["loss"]), case["name"]
        for gradient, recorded in zip(gradients, case["gradient"], strict=True):
            assert (gradient - read(recorded)).abs().max() <= 1e-12, case["name"]


def case(name, loss_of, student, teacher, weights):
    loss, gradient = derived(loss_of, student, teacher, weights)
    lists = {"student": student, "teacher": teacher, "gradient": gradient}
    return {
        "name": name,
        "loss": loss,
        "weights": written(weights),
        **{key: [written(x) for x in tensors] for key, tensors in lists.items()},
    }


def exact(*shape):
    """Random numbers that float32 holds exactly and that are short in text."""
    return (torch.randn(*shape) * 64).round() / 64


def extra():
    torch.manual_seed(7)
    weights = torch.tensor([0.25, 0.0, 0.375, 0.125, 0.25])
    wide, narrow = exact(5, 2, 6, 4), exact(5, 3, 2, 4)
    points, taught = exact(5, 3), exact(5, 4)
    equal, near = points.clone(), taught.clone()
    equal[3] = equal[0]
    near[2] = near[4]
    sound, spoken = exact(5, 2, 6), exact(5, 3, 3)
    pair = [exact(5, 2, 6), exact(5, 3, 2)]
    other = [exact(5, 2, 4), exact(5, 3, 4)]
    return [
        case("hint", hint, [exact(5, 2, 3)], [exact(5, 2, 3)], weights),
        case("attention, one size of the student larger", attention, [wide], [narrow], weights),
        case("attention along one axis, larger teacher", attention, [spoken], [sound], weights),
        case("similarity", similarity, [wide], [taught], weights),
        case("relation", relation_of(25, 50), [points], [taught], weights),
        case("relation of images and sequences", relation_of(25, 50), [wide], [spoken], weights),
        case("relation of equal samples", relation_of(25, 50), [equal], [near], weights),
        case("gram along one axis, other sizes", gram, pair, other, weights),
        *graphs(weights),
    ]


def graphs(weights):
    maps, points = exact(5, 2, 3), exact(5, 4)
    rectified, taught = exact(8, 6).relu(), exact(8, 2, 4).relu()
    equal, dead = exact(5, 3), exact(5, 4)
    equal[3] = equal[0]
    dead[2] = 0
    # at 0°, 60°, 120° and 221° of a plane, and an axis of its own: the edges are 0-1 and 1-2
    few = torch.tensor([[2.0, 0, 0], [1, 1.75, 0], [-1, 1.75, 0], [-1.75, -1.5, 0], [0, 0, 1]])
    return [
        case("graph", graph_of(None), [maps], [points], weights),
        case("graph of features that are not negative", graph_of(None), [rectified], [taught], torch.full((8,), 1 / 8)),
        case("graph of three neighbours", graph_of(3), [rectified], [taught], torch.full((8,), 1 / 8)),
        case("graph of two neighbours, with padding", graph_of(2), [maps], [points + 1], weights),
        case("graph of two neighbours where some have one, or none", graph_of(2), [maps], [few], torch.full((5,), 1 / 5)),
        case("graph of equal samples and one that resembles nothing", graph_of(None), [equal], [dead], weights),
    ]


def lines(cases):
    return "[\n  " + ",\n  ".join(json.dumps(each) for each in cases) + "\n ]"


if __name__ == "__main__":
    golden = json.loads(FILE.read_text())
    check(golden["reference"])
    fields = {
        "provenance": json.dumps(golden["provenance"]),
        "reference": lines(golden["reference"]),
        "torch": json.dumps(torch.__version__),
        "script": json.dumps(pathlib.Path(__file__).name),
        "extra": lines(extra()),
    }
    text = ",\n ".join(f'"{key}": {value}' for key, value in fields.items())
    FILE.write_text("{\n " + text + "\n}\n")
