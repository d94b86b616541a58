"""Checks test/golden/losses/response.json, and writes test/golden/losses/response-extra.json.

The first file was made by running the losses' public reference implementations. Here the same formulas
are restated in PyTorch, independently of Potstill; both must agree. The second file holds what the
reference implementations do not cover: ensembles' means, sample weights, label smoothing over all
classes, and losses that came later, such as nkd.

    python3 scripts/golden/response_losses.py        (PyTorch 2.6, float64)
"""

import json
import pathlib

import torch

torch.set_default_dtype(torch.float64)
FOLDER = pathlib.Path(__file__).resolve().parents[2] / "test" / "golden" / "losses"
softmax, log_softmax = torch.softmax, torch.log_softmax


def kl(student, teacher, t, weights=None):
    p, q = log_softmax(teacher / t, -1), log_softmax(student / t, -1)
    per_sample = (p.exp() * (p - q)).sum(-1)
    return t * t * (per_sample.mean() if weights is None else (weights * per_sample).sum())


def standardized(z):
    return (z - z.mean(1, keepdim=True)) / (1e-7 + z.std(1, keepdim=True))


def dkd(student, teacher, labels, alpha, beta, t):
    rows = torch.arange(len(labels))
    mask = torch.ones_like(student, dtype=torch.bool)
    mask[rows, labels] = False
    b = [softmax(z / t, 1)[rows, labels] for z in (teacher, student)]
    target = b[0] * (b[0] / b[1]).log() + (1 - b[0]) * ((1 - b[0]) / (1 - b[1])).log()
    p, q = (log_softmax(z[mask].reshape(len(labels), -1) / t, 1) for z in (teacher, student))
    return t * t * (alpha * target.mean() + beta * (p.exp() * (p - q)).sum(1).mean())


def nkd(student, teacher, labels, gamma, t, weights=None):
    """Yang et al. (2023): probabilities, the target's column gathered and then masked out."""
    rows = torch.arange(len(labels))
    mask = torch.ones_like(student, dtype=torch.bool)
    mask[rows, labels] = False
    target = softmax(teacher, 1)[rows, labels] * softmax(student, 1)[rows, labels].log()
    p, q = (softmax(z[mask].reshape(len(labels), -1) / t, 1) for z in (teacher, student))
    per_sample = -target - gamma * t * t * (p * q.log()).sum(1)
    return per_sample.mean() if weights is None else (weights * per_sample).sum()


def wsld(student, teacher, labels, t):
    """Zhou et al. (2021): the cross-entropy of their code, less the teacher's entropy."""
    rows = torch.arange(len(labels))
    own, taught = (-log_softmax(z, 1)[rows, labels] for z in (student.detach(), teacher))
    focus = 1 - torch.exp(-own / (taught + 1e-7))
    p = softmax(teacher / t, 1)
    cross_entropy = -(p * log_softmax(student / t, 1)).sum(1)
    return t * t * (focus * (cross_entropy + (p * p.log()).sum(1))).mean()


def pearson(a, b):
    a, b = a - a.mean(1, keepdim=True), b - b.mean(1, keepdim=True)
    return (a * b).sum(1) / (a.norm(dim=1) * b.norm(dim=1) + 1e-8)


def dist(student, teacher, t):
    q, p = softmax(student / t, 1), softmax(teacher / t, 1)
    return t * t * ((1 - pearson(q, p).mean()) + (1 - pearson(q.T, p.T).mean()))


def virtual_teacher(student, labels):
    u = torch.full_like(student, 0.01 / (student.shape[1] - 1)).detach()
    u[torch.arange(len(labels)), labels] = 0.99
    p = softmax(u / 20, 1)
    return (p * (p.log() - log_softmax(student, 1))).mean()


def smoothed(student, labels, epsilon):
    classes = student.shape[1]
    target = torch.full_like(student, epsilon / (classes - 1)).detach()
    target[torch.arange(len(labels)), labels] = 1 - epsilon
    return -(target * log_softmax(student, 1)).sum(1).mean()


def masked(per_token, labels):
    keep = labels != -100
    return per_token[keep].sum() / keep.sum()


def jsd(student, teacher, labels, beta):
    q, p = log_softmax(student, -1), log_softmax(teacher, -1)
    if beta == 0:
        x = p.exp() * (p - q)
    elif beta == 1:
        x = q.exp() * (q - p)
    else:
        m = (beta * p.exp() + (1 - beta) * q.exp()).log()
        x = beta * p.exp() * (p - m) + (1 - beta) * q.exp() * (q - m)
    return masked(x.sum(-1), labels)


def skewed(student, teacher, labels, forward, skew=0.1):
    p, q = softmax(teacher, -1), softmax(student, -1)
    if forward:
        x = -(p * (skew * p + (1 - skew) * q).log())
    else:
        x = q * (q.log() - ((1 - skew) * p + skew * q).log())
    return masked(x.sum(-1), labels)


def cross_entropy(student, labels):
    return torch.nn.functional.cross_entropy(student, labels)


CHECKS = {
    "KD_T4": lambda s, t, y: kl(s, t, 4),
    "DKD_a1_b8_T4": lambda s, t, y: dkd(s, t, y, 1, 8, 4),
    "DKD_a1_b2_T4": lambda s, t, y: dkd(s, t, y, 1, 2, 4),
    "DIST_b1_g1_T4": lambda s, t, y: dist(s, t, 4),
    "DIST_b1_g1_T1": lambda s, t, y: dist(s, t, 1),
    "LSKD_T2": lambda s, t, y: kl(standardized(s), standardized(t), 2),
    "LSKD+DKD_a9_b72_T2": lambda s, t, y: dkd(standardized(s), standardized(t), y, 9, 72, 2),
    "TfKD_loss_kd_mean_reduction": lambda s, t, y: 0.1 * cross_entropy(s, y)
    + 0.9 * kl(s, t, 20) / s.shape[1],
    "TfKD_reg_a0.1_T20": lambda s, t, y: 0.9 * cross_entropy(s, y) + 0.1 * virtual_teacher(s, y),
    "LSR_0.1_over_C-1": lambda s, t, y: smoothed(s, y, 0.1),
    "GKD_JSD_beta0": lambda s, t, y: jsd(s, t, y, 0),
    "GKD_JSD_beta0.1": lambda s, t, y: jsd(s, t, y, 0.1),
    "GKD_JSD_beta0.5": lambda s, t, y: jsd(s, t, y, 0.5),
    "GKD_JSD_beta0.9": lambda s, t, y: jsd(s, t, y, 0.9),
    "GKD_JSD_beta1": lambda s, t, y: jsd(s, t, y, 1),
    "DistiLLM_forward_kl": lambda s, t, y: masked(-(softmax(t, -1) * log_softmax(s, -1)).sum(-1), y),
    "DistiLLM_reverse_kl": lambda s, t, y: jsd(s, t, y, 1),
    "DistiLLM_tv_distance": lambda s, t, y: masked(
        0.5 * (softmax(t, -1) - softmax(s, -1)).abs().sum(-1), y
    ),
    "DistiLLM_skewed_forward_kl": lambda s, t, y: skewed(s, t, y, True),
    "DistiLLM_skewed_reverse_kl": lambda s, t, y: skewed(s, t, y, False),
}


def check():
    cases = json.loads((FOLDER / "response.json").read_text())["cases"]
    assert {case["name"] for case in cases} == set(CHECKS)
    for case in cases:
        student = torch.tensor(case["student"]).reshape(case["shape"]).requires_grad_()
        teacher = torch.tensor(case["teacher"]).reshape(case["shape"])
        loss = CHECKS[case["name"]](student, teacher, torch.tensor(case.get("labels", [])).long())
        (gradient,) = torch.autograd.grad(loss, student)
        recorded = torch.tensor(case["gradient"]).reshape(case["shape"])
        assert abs(loss.item() - case["loss"]) <= 1e-11 * abs(case["loss"]), case["name"]
        assert (gradient - recorded).abs().max() <= 1e-10, case["name"]


def case(name, student, loss_of, **inputs):
    student = student.clone().requires_grad_()
    loss = loss_of(student)
    (gradient,) = torch.autograd.grad(loss, student)
    tensors = {"student": student, **inputs, "gradient": gradient}
    return {
        "name": name,
        "loss": loss.item(),
        **{
            key: {"shape": list(value.shape), "data": value.detach().flatten().tolist()}
            for key, value in tensors.items()
        },
    }


def ensemble(members, t, mean):
    """members [batch, members, classes] -> logits at temperature t whose softmax is the mean."""
    if mean == "arithmetic":
        return softmax(members / t, -1).mean(1).log() * t
    geometric = softmax(members / t, -1).prod(1) ** (1 / members.shape[1])
    return (geometric / geometric.sum(-1, keepdim=True)).log() * t


def bernoulli_kl(student, teacher, t, mean="arithmetic"):
    """Every class on its own; teacher [batch, classes] or [batch, members, classes]."""
    p = torch.sigmoid(teacher / t)
    if teacher.dim() == 3:
        p = p.mean(1) if mean == "arithmetic" else torch.sigmoid(teacher.mean(1) / t)
    q = torch.sigmoid(student / t)
    per_class = p * (p / q).log() + (1 - p) * ((1 - p) / (1 - q)).log()
    return t * t * per_class.sum(-1).mean()


def extra():
    torch.manual_seed(3)
    student, teacher = torch.randn(5, 4) * 2, torch.randn(5, 4) * 3
    members = torch.randn(5, 3, 4) * 3
    labels = torch.tensor([0, 3, 1, 1, 2])
    weights = torch.tensor([0.4, 0.0, 0.25, 0.1, 0.25])
    smooth = torch.nn.functional.cross_entropy
    cases = [
        case("weights", student, lambda s: kl(s, teacher, 3, weights), teacher=teacher, weights=weights),
        case(
            "label smoothing over all classes",
            student,
            lambda s: smooth(s, labels, label_smoothing=0.1),
            labels=labels,
        ),
        *(
            case(mean, student, lambda s, m=mean: kl(s, ensemble(members, 3, m), 3), teacher=members)
            for mean in ("arithmetic", "geometric")
        ),
        case(
            "nkd", student, lambda s: nkd(s, teacher, labels, 1.5, 1), teacher=teacher, labels=labels
        ),
        case(
            "nkd at T = 4",
            student,
            lambda s: nkd(s, teacher, labels, 2, 4, weights),
            teacher=teacher,
            labels=labels,
            weights=weights,
        ),
        case("wsld", student, lambda s: wsld(s, teacher, labels, 2), teacher=teacher, labels=labels),
        case("sigmoid", student, lambda s: bernoulli_kl(s, teacher, 3), teacher=teacher),
        *(
            case(
                f"sigmoid {mean}", student, lambda s, m=mean: bernoulli_kl(s, members, 3, m), teacher=members
            )
            for mean in ("arithmetic", "geometric")
        ),
    ]
    return {"torch": torch.__version__, "script": pathlib.Path(__file__).name, "cases": cases}


if __name__ == "__main__":
    check()
    (FOLDER / "response-extra.json").write_text(json.dumps(extra(), indent=1) + "\n")
