"""The fixed network with examples in its prompt is a counter, and equals the network tuned on them."""

import numpy as np
import pytest
import torch

from compiled_models import fingerprint
from compiled_models.decoding import MergedCache
from compiled_models.elicit.data.chain import chain_policy
from compiled_models.elicit.learning.fixed_networks import fixed_network, random_policy
from compiled_models.elicit.learning.prompted import PromptedPolicy
from compiled_models.elicit.learning.reader import PolicyReader
from compiled_models.elicit.learning.shared_prompt import SharedPrompt, UnequalCopies
from compiled_models.elicit.report.total_variation import sampled_total_variation, total_variation
from construction import CapacityError, Codec, Example, base_network
from tm import library
from tm.policy import Policy

EXACT = 1e-12


@pytest.mark.parametrize(("contexts", "vocabulary"), [(1, 2), (12, 8), (40, 3), (5, 32)])
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_prompted_base_equals_tuned(contexts, vocabulary, size):
    """TV(base | D, tuned in closed form on D) < 1e-12 at every situation, those without examples too."""
    random = np.random.default_rng([contexts, vocabulary, size])
    prompted = PromptedPolicy(random_policy(contexts, vocabulary, random))
    sizes = random.multinomial(size, np.full(contexts, 1 / contexts)).tolist()  # some contexts may stay unseen
    done = prompted(prompted.policy.draw_counts(sizes, 2, random))
    assert done.counter_error < EXACT
    assert prompted.tuned_tv(done, 0) < EXACT
    assert np.abs(done.stop[0] - (np.array(sizes) == 0)).max() < EXACT  # STOP exactly where nothing was seen


def test_shared_cache_equals_dense_and_streaming():
    random = np.random.default_rng(0)
    prompted = PromptedPolicy(random_policy(6, 4, random))
    done = prompted(prompted.policy.draw_counts(30, 1, random))
    assert prompted.dense_tv(done, 0) < EXACT
    codec, rules = Codec(prompted.network.config, prompted.policy.machine), prompted.policy.all_rules
    seen = done.counts[0] > 0
    for situation, queries in zip(prompted.reader.situations, prompted.reader.queries, strict=True):
        cache = MergedCache(prompted.network)
        tokens = [codec.vocabulary.token("BOS")] + [codec.example(r) for r, s in zip(rules, seen, strict=True) if s]
        cache.absorb(np.array(tokens), [1, *done.counts[0][seen].tolist()])
        cache.absorb(queries[:-1])
        logits = cache.advance(queries[-1])
        for i, rule in enumerate(rules):
            if rule.situation == situation:
                assert max(0.0, logits[list(codec.step(rule))].sum()) == pytest.approx(
                    done.probabilities[0, i], abs=EXACT
                )


def test_one_hash_for_every_task():
    random = np.random.default_rng(0)
    policies = [random_policy(12, 8, random), chain_policy(np.full((4, 4), 0.25)), Policy(library.load("gambler"))]
    hashes = {PromptedPolicy(policy).sha256 for policy in policies}
    assert hashes == {fingerprint(base_network(16, 8)).sha256}


def test_wildcard_examples_are_add_one_smoothing():
    random = np.random.default_rng(0)
    policy = random_policy(3, 4, random)
    rules = policy.all_rules
    wild = [Example(None, (None,), r.next_state, r.write, r.moves) for r in policy.rules(policy.situations[0])]
    reader = PolicyReader(fixed_network(), policy.machine, rules, [*rules, *wild])
    counts = policy.draw_counts([0, 5, 50], 1, random)
    probabilities, stop = reader.probabilities(np.concatenate([counts, np.ones((1, 4), dtype=np.int64)], axis=1))
    assert np.abs(probabilities - (counts + 1) / np.repeat([4, 9, 54], 4)).max() < EXACT
    assert stop.max() < EXACT


def test_shuffled_labels_lose_the_skill():
    from compiled_models.elicit.figures import figure

    done = figure("one_network", 0.1)
    assert done.holds
    assert done.facts["different hashes"] == 1


def test_a_larger_question_gets_a_larger_network_and_too_large_a_one_an_error():
    assert fixed_network(129, 2).config.states == 32
    with pytest.raises(CapacityError, match="too many"):
        fixed_network(2, 1_000_000)


def test_a_network_whose_copies_differ_cannot_be_merged():
    network = base_network(2, 2)
    weight = dict(network.named_parameters())["blocks.3.attn.W_V"]
    weight.data[0, 1, 0] = 1.0  # t, the position, leaks into DECIDE's values
    codec = Codec(network.config, library.load("bb2").read("blank: 0\na 0 -> a 1 R"))
    tokens = np.array([codec.vocabulary.token("BOS"), *codec.examples(codec.machine.rules)])
    with pytest.raises(UnequalCopies):
        SharedPrompt(network, np.concatenate([tokens, [codec.vocabulary.token("STOP")]]))


def test_total_variation():
    random = np.random.default_rng(0)
    p, q = random.dirichlet([1.0] * 5, size=2)
    sample = random.choice(5, p=p, size=100_000)
    assert sampled_total_variation(np.log(q / p)[sample]) == pytest.approx(total_variation(p, q), abs=0.01)
    assert torch.get_default_dtype() == torch.float32  # nothing here changed it
