#!/usr/bin/env python3
"""Writes a scikit-learn IsolationForest as JSON for the detector `isolation-forest`.

    python tools/export_isolation_forest.py MODEL.joblib OUT.json
    spate score events.csv --time t --value p,q,r --detector isolation-forest --param model=OUT.json

Needs scikit-learn (which brings joblib and numpy), of the version the model was made with.
The file carries rows with the scores that scikit-learn gives them; the loader refuses it when its own differ.
"""

import json
import sys

import joblib
import numpy as np


def largest_single_below(threshold):
    """scikit-learn compares single-precision values with a double: this single parts the same values."""
    single = np.float32(threshold)
    return float(single if float(single) <= threshold else np.nextafter(single, np.float32(-np.inf)))


def tree(estimator, features):
    t = estimator.tree_
    is_leaf = t.children_left < 0
    return {
        "feature": [-1 if leaf else int(features[f]) for f, leaf in zip(t.feature, is_leaf)],
        "threshold": [0.0 if leaf else largest_single_below(x) for x, leaf in zip(t.threshold, is_leaf)],
        "left": t.children_left.tolist(),
        "right": t.children_right.tolist(),
        "samples": t.n_node_samples.tolist(),
    }


def golden(model, trees, rows=64):
    """Rows from within and around the cuts, and some that lie on them."""
    cuts = [[0.0] for _ in range(model.n_features_in_)]
    for t in trees:
        for feature, threshold in zip(t["feature"], t["threshold"]):
            if feature >= 0:
                cuts[feature].append(threshold)
    random = np.random.default_rng(1)
    columns = []
    for of_feature in cuts:
        low, high = min(of_feature), max(of_feature)
        column = random.uniform(low - 0.1 * (high - low), high + 0.1 * (high - low), rows)
        column[::4] = random.choice(of_feature, len(column[::4]))
        columns.append(column)
    values = np.column_stack(columns).astype(np.float32)
    # Named features again, where the model knows names: it warns about rows without.
    names = getattr(model, "feature_names_in_", None)
    if names is not None:
        import pandas

        scores = model.score_samples(pandas.DataFrame(values, columns=names))
    else:
        scores = model.score_samples(values)
    return {"rows": values.astype(float).tolist(), "scores": scores.tolist()}


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    model = joblib.load(sys.argv[1])
    if not hasattr(model, "estimators_features_") or not hasattr(model, "offset_"):
        sys.exit(f"{sys.argv[1]} holds no fitted IsolationForest but {type(model).__name__}: export that alone")
    trees = [tree(*pair) for pair in zip(model.estimators_, model.estimators_features_)]
    names = getattr(model, "feature_names_in_", None)
    document = {
        "format": "spate-isolation-forest",
        "version": 1,
        "features": None if names is None else [str(name) for name in names],
        "feature_count": int(model.n_features_in_),
        "max_samples": int(model.max_samples_),
        "offset": float(model.offset_),
        "trees": trees,
        "golden": golden(model, trees),
    }
    with open(sys.argv[2], "w", encoding="utf-8") as out:
        json.dump(document, out)


main()
