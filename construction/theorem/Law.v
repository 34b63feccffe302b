(** The law of a run: what sampling from the positive logits generates, and with which probability. *)
From Coq Require Import List QArith ZArith Bool Lia Lqa PeanoNat Permutation.
From Tapehead Require Import Sums Transformer Machine Vocabulary BaseNetwork Ledger Embedding Stream Rules Decide Unembedding NextToken Decoder
  Prompt.
Import ListNotations.
Open Scope Q_scope.

Definition ends (ts : list token) : Q := match ts with [] => 1 | _ => 0 end.
(** The probability that exactly the tokens [ts] come next, if each is drawn with its positive logit as its probability, and
    nothing comes after STOP. *)
Fixpoint sampled (logit : list token -> token -> Q) (c : list token) (ts : list token) : Q :=
  match ts with
  | [] => 1
  | t :: ts => relu (logit c t) * match t with TStop => ends ts | _ => sampled logit (t :: c) ts end
  end.
(** The probability that they do, from a configuration, if in each situation an action is drawn from those that the matching
    examples name, each example as likely as any other; STOP where none matches. *)
Fixpoint law (k : nat) (examples : list rule) (x : config) (ts : list token) : Q :=
  match ts with
  | [] => 1
  | t :: ts => chance (under_heads k x) (state x) examples t
      * match t with TStep _ _ a => law k examples (apply_action a x) ts | _ => ends ts end
  end.

Lemma named_permutation q s l m : Permutation l m -> Permutation (named q s l) (named q s m).
Proof.
  intros P. apply Permutation_map. induction P; cbn [filter]; auto.
  - destruct (applies q s x); auto.
  - destruct (applies q s x), (applies q s y); auto. apply perm_swap.
  - eauto using perm_trans.
Qed.
Lemma chance_permutation s q l m t : Permutation l m -> chance s q l t == chance s q m t.
Proof.
  intros P. apply (named_permutation q s) in P. unfold chance. destruct t; try reflexivity.
  - destruct (list_eq_dec _ _ _); [|reflexivity]. unfold frequency, share. rewrite (sum_permutation _ _ _ P).
    unfold size. now rewrite (Permutation_length P).
  - destruct (named q s l), (named q s m); try reflexivity; apply Permutation_length in P; discriminate.
Qed.
Lemma law_permutation k l m : Permutation l m -> forall ts x, law k l x ts == law k m x ts.
Proof.
  intros P. induction ts as [|t ts IH]; intros x; [reflexivity|]. cbn [law]. rewrite (chance_permutation _ _ _ _ t P).
  destruct t; try reflexivity. now rewrite IH.
Qed.
(** Like a run, it depends on a configuration only through what its tapes hold. *)
Lemma law_ext k es : forall ts x y, state x = state y -> (forall i, (i < k)%nat -> head_at x i = head_at y i) ->
  (forall i z, (i < k)%nat -> tape x i z = tape y i z) -> law k es x ts == law k es y ts.
Proof.
  induction ts as [|t ts IH]; intros x y Hs Hh Ht; [reflexivity|]. cbn [law].
  assert (E : under_heads k x = under_heads k y).
  { unfold under_heads. apply map_ext_in. intros i I. apply in_seq in I. rewrite Hh, Ht by lia. reflexivity. }
  rewrite Hs, E. destruct t; try reflexivity. rewrite (IH (apply_action a x) (apply_action a y)); [reflexivity|reflexivity|..].
  - intros i Hi. cbn. now rewrite Hh.
  - intros i z Hi. cbn. now rewrite Hh, Ht.
Qed.

Section Law.
  Context {nQ nS k : nat} {beta M L K g : Q}.
  Hypotheses (blank_is_a_symbol : (0 < nS)%nat) (beta_positive : 0 < beta) (g_large : 1 <= g).
  Variable logit : list token -> token -> Q.
  Hypothesis logit_is : forall c t, wf nQ nS k c -> valid nQ nS k t -> logit c t == @logit_of nQ nS k Joint beta M L K g [] c t.

  Theorem sampled_law : forall ts c, wf nQ nS k c -> Forall (valid nQ nS k) ts ->
    inject_Z (Z.of_nat (length c + length ts)) <= L -> 2 * inject_Z (Z.of_nat (length c + length ts)) <= K ->
    new_state (newest c) = Some (state (config_of c)) -> (state (config_of c) < nQ)%nat ->
    sampled logit c ts == law k (examples_of c) (config_of c) ts.
  Proof.
    induction ts as [|t ts IH]; intros c W V HL HK Qn Qb; [reflexivity|]. inversion V as [|? ? Vt Vts]; subst.
    assert (Fit : @fits L K c).
    { assert (size c <= inject_Z (Z.of_nat (length c + length (t :: ts)))) by (unfold size; rewrite <- Zle_Qle; lia). split; lra. }
    cbn [sampled law]. rewrite (logit_is c t W Vt).
    assert (P : relu (@logit_of nQ nS k Joint beta M L K g [] c t) == chance (under_heads k (config_of c)) (state (config_of c)) (examples_of c) t).
    { apply positive_logits; auto. intros r []. }
    rewrite P. destruct t as [ |r|i b|i m|q|q s a| ]; try (unfold chance; ring).
    unfold chance. destruct (list_eq_dec Nat.eq_dec (q :: s) (state (config_of c) :: under_heads k (config_of c))) as [E|E]; [|ring].
    injection E as Eq Es. apply Qmult_comp; [reflexivity|]. subst q s.
    rewrite (IH (TStep (state (config_of c)) (under_heads k (config_of c)) a :: c)).
    - reflexivity.
    - now constructor.
    - exact Vts.
    - replace (length (TStep (state (config_of c)) (under_heads k (config_of c)) a :: c) + length ts)%nat
        with (length c + length (TStep (state (config_of c)) (under_heads k (config_of c)) a :: ts))%nat by (cbn [length]; lia). exact HL.
    - replace (length (TStep (state (config_of c)) (under_heads k (config_of c)) a :: c) + length ts)%nat
        with (length c + length (TStep (state (config_of c)) (under_heads k (config_of c)) a :: ts))%nat by (cbn [length]; lia). exact HK.
    - reflexivity.
    - cbn [config_of apply_action state]. apply Vt.
  Qed.

  Theorem prompt_law (examples : list rule) (input : list (list nat)) (start : list Z) (q : nat) ts :
    (forall e, In e examples -> valid_rule nQ nS k e) -> valid_start nQ nS k input start q -> Forall (valid nQ nS k) ts ->
    inject_Z (Z.of_nat (length (prompt examples input start q) + length ts)) <= L ->
    2 * inject_Z (Z.of_nat (length (prompt examples input start q) + length ts)) <= K ->
    sampled logit (rev (prompt examples input start q)) ts == law k examples (start_config input start q) ts.
  Proof.
    intros Ve Vs V HL HK. set (text := prompt examples input start q) in *.
    destruct (text_state examples input start q) as [Es Ns]. fold text in Es, Ns.
    rewrite sampled_law.
    - unfold text at 1. rewrite text_examples, (law_permutation k (rev examples) examples) by (apply Permutation_sym, Permutation_rev).
      destruct (text_config_is k examples input start q) as (E1 & E2 & E3). apply law_ext; auto.
    - unfold text. now apply text_wf.
    - exact V.
    - now rewrite length_of_rev.
    - now rewrite length_of_rev.
    - now rewrite Es.
    - destruct Vs as (_ & _ & _ & Hq). now rewrite Es.
  Qed.
End Law.
