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

(** The configuration after these steps. *)
Fixpoint after (x : config) (ts : list token) : config :=
  match ts with TStep _ _ a :: ts => after (apply_action a x) ts | _ => x end.

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
(** Like a run, it depends on a configuration only through what its tapes hold; so does the configuration after some steps. *)
Lemma after_ext k ts : forall x y, state x = state y -> (forall i, (i < k)%nat -> head_at x i = head_at y i) ->
  (forall i z, (i < k)%nat -> tape x i z = tape y i z) ->
  state (after x ts) = state (after y ts) /\ under_heads k (after x ts) = under_heads k (after y ts).
Proof.
  assert (E : forall x y, (forall i, (i < k)%nat -> head_at x i = head_at y i) ->
    (forall i z, (i < k)%nat -> tape x i z = tape y i z) -> under_heads k x = under_heads k y).
  { intros x y Hh Ht. unfold under_heads. apply map_ext_in. intros i I. apply in_seq in I. rewrite Hh, Ht by lia. reflexivity. }
  induction ts as [|t ts IH]; intros x y Hs Hh Ht; [cbn [after]; auto|]. cbn [after]. destruct t; auto.
  apply IH; [reflexivity|..].
  - intros i Hi. cbn. now rewrite Hh.
  - intros i z Hi. cbn. now rewrite Hh, Ht.
Qed.
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

(** ** Over all tokens the chances sum to 1 *)
Lemma sum_swap {X Y} (f : X -> Y -> Q) l m : sum (fun x => sum (f x) m) l == sum (fun y => sum (fun x => f x y) l) m.
Proof.
  induction l as [|x l IH].
  - rewrite sum_nil, sum_zero; [reflexivity|]. intros y _. apply sum_nil.
  - rewrite sum_cons, IH, <- sum_plus. apply sum_ext. intros y _. now rewrite sum_cons.
Qed.
Lemma chance_not_negative s q es t : 0 <= chance s q es t.
Proof.
  unfold chance. destruct t as [ | | | | |q' s' a| ]; try apply Qle_refl.
  - destruct (list_eq_dec _ _ _); [apply share_bounds|apply Qle_refl].
  - destruct (nobody _); discriminate.
Qed.
Lemma chances_sum_to_1 {nQ nS k} q s es ts : valid_situation nQ nS k q s -> (forall e, In e es -> valid_rule nQ nS k e) ->
  NoDup ts -> (forall t, In t ts <-> valid nQ nS k t) -> sum (chance s q es) ts == 1.
Proof.
  intros V Ve Nd All. destruct (named q s es) as [|a0 A] eqn:N.
  - rewrite (sum_single _ ts TStop Nd).
    + unfold chance. rewrite N. reflexivity.
    + apply All. exact I.
    + intros t _ Ne. unfold chance. destruct t; try reflexivity; [|congruence]. rewrite N. destruct (list_eq_dec _ _ _); reflexivity.
  - set (acts := a0 :: A) in *. pose proof (size_pos acts a0 (or_introl eq_refl)) as P.
    set (hit := fun t a => ind (if token_dec t (TStep q s a) then true else false)).
    rewrite (sum_ext _ (fun t => / size acts * sum (hit t) acts)).
    + rewrite sum_scale, sum_swap, (sum_ext _ (fun _ => 1)), sum_const; [field; lra|].
      intros a Ia. assert (Va : valid nQ nS k (TStep q s a)).
      { rewrite <- N in Ia. unfold named in Ia. apply in_map_iff in Ia as (e & <- & Ie). apply filter_In in Ie as (Ie & _).
        split; [exact V|]. apply (Ve e Ie). }
      rewrite (sum_single _ ts (TStep q s a) Nd); [|now apply All|]; unfold hit.
      * destruct (token_dec _ _); [reflexivity|congruence].
      * intros t _ Ne. destruct (token_dec t _); [congruence|reflexivity].
    + intros t _. assert (Z : (forall a, t <> TStep q s a) -> / size acts * sum (hit t) acts == 0).
      { intros Ne. rewrite sum_zero; [ring|]. intros a _. unfold hit. destruct (token_dec t _); [exfalso; eapply Ne; eauto|reflexivity]. }
      unfold chance. rewrite N. destruct t as [ | | | | |q' s' a'| ]; try (rewrite Z by (intros; discriminate); reflexivity).
      destruct (list_eq_dec Nat.eq_dec (q' :: s') (q :: s)) as [E|E]; [|rewrite Z by (intros a H; apply E; congruence); reflexivity].
      injection E as -> ->. unfold frequency, share. fold acts. unfold Qdiv. rewrite Qmult_comm. apply Qmult_comp; [reflexivity|].
      apply sum_ext. intros a _. unfold hit. destruct (action_dec a' a), (token_dec (TStep q s a') (TStep q s a)); congruence || reflexivity.
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

  (** On every context of a run that can be drawn. *)
  Lemma drawn : forall ts c, wf nQ nS k c -> Forall (valid nQ nS k) ts -> ~ In TStop ts ->
    0 < law k (examples_of c) (config_of c) ts -> new_state (newest c) = Some (state (config_of c)) -> (state (config_of c) < nQ)%nat ->
    let c' := rev ts ++ c in wf nQ nS k c' /\ config_of c' = after (config_of c) ts /\ examples_of c' = examples_of c
      /\ new_state (newest c') = Some (state (config_of c')) /\ (state (config_of c') < nQ)%nat.
  Proof.
    cbv zeta. induction ts as [|t ts IH]; intros c W V Ns Pos Qn Qb; [cbn [rev app after]; auto|].
    inversion V as [|? ? Vt Vts]; subst. cbn [law] in Pos.
    destruct t as [ |r|i b|i m|q|q s a| ]; try (exfalso; unfold chance in Pos; revert Pos; apply Qle_not_lt; rewrite Qmult_0_l; apply Qle_refl).
    2: { exfalso. apply Ns. now left. }
    set (rest := law k (examples_of c) (apply_action a (config_of c)) ts) in *.
    unfold chance in Pos. destruct (list_eq_dec Nat.eq_dec (q :: s) (state (config_of c) :: under_heads k (config_of c))) as [E|E].
    2: { exfalso. revert Pos. apply Qle_not_lt. rewrite Qmult_0_l. apply Qle_refl. }
    injection E as -> ->. set (t := TStep (state (config_of c)) (under_heads k (config_of c)) a) in *.
    assert (Rest : 0 < rest).
    { destruct (share_bounds (named (state (config_of c)) (under_heads k (config_of c)) (examples_of c))
        (fun b => if action_dec a b then true else false)) as [B _]. fold (frequency (named (state (config_of c)) (under_heads k (config_of c)) (examples_of c)) a) in B.
      destruct (Qlt_le_dec 0 rest); auto. exfalso. nra. }
    cbn [rev]. rewrite <- app_assoc. cbn [app after]. apply (IH (t :: c)); auto.
    - now constructor.
    - intros I. apply Ns. now right.
    - apply Vt.
  Qed.
  Theorem positive_logits_are_a_distribution c : wf nQ nS k c ->
    inject_Z (Z.of_nat (length c)) <= L -> 2 * inject_Z (Z.of_nat (length c)) <= K ->
    new_state (newest c) = Some (state (config_of c)) -> (state (config_of c) < nQ)%nat ->
    (forall t, valid nQ nS k t -> relu (logit c t) == chance (under_heads k (config_of c)) (state (config_of c)) (examples_of c) t)
    /\ (forall ts, NoDup ts -> (forall t, In t ts <-> valid nQ nS k t) -> sum (fun t => relu (logit c t)) ts == 1).
  Proof.
    intros W HL HK Qn Qb.
    assert (P : forall t, valid nQ nS k t -> relu (logit c t) == chance (under_heads k (config_of c)) (state (config_of c)) (examples_of c) t).
    { intros t Vt. rewrite (logit_is c t W Vt). apply positive_logits; auto; [intros r []|]. split; assumption. }
    split; [exact P|]. intros ts Nd All. rewrite (sum_ext _ (chance (under_heads k (config_of c)) (state (config_of c)) (examples_of c))).
    - apply (chances_sum_to_1 (nQ := nQ) (nS := nS) (k := k)); auto.
      + now apply situation_valid.
      + intros e. now apply examples_valid.
    - intros t I. apply P. now apply All.
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

  Theorem prompt_distribution (examples : list rule) (input : list (list nat)) (start : list Z) (q : nat) ts :
    (forall e, In e examples -> valid_rule nQ nS k e) -> valid_start nQ nS k input start q -> Forall (valid nQ nS k) ts ->
    inject_Z (Z.of_nat (length (prompt examples input start q) + length ts)) <= L ->
    2 * inject_Z (Z.of_nat (length (prompt examples input start q) + length ts)) <= K ->
    let x := start_config input start q in
    let c := rev (prompt examples input start q ++ ts) in
    ~ In TStop ts -> 0 < law k examples x ts ->
    (forall t, valid nQ nS k t -> relu (logit c t) == chance (under_heads k (after x ts)) (state (after x ts)) examples t)
    /\ (forall every, NoDup every -> (forall t, In t every <-> valid nQ nS k t) -> sum (fun t => relu (logit c t)) every == 1).
  Proof.
    cbv zeta. intros Ve Vs V HL HK Ns Pos. rewrite rev_app_distr. set (text := prompt examples input start q) in *.
    destruct (text_state examples input start q) as [Es Nst]. fold text in Es, Nst.
    destruct (text_config_is k examples input start q) as (E1 & E2 & E3). fold text in E1, E2, E3.
    pose proof (Permutation_rev examples) as Pm. apply Permutation_sym in Pm.
    assert (Ex : examples_of (rev text) = rev examples) by apply text_examples.
    destruct Vs as (V1 & V2 & V3 & Hq).
    destruct (drawn ts (rev text)) as (W & C & X & Qn & Qb); auto.
    - apply text_wf; auto. repeat split; auto.
    - rewrite Ex, (law_permutation k _ _ Pm), (law_ext k examples ts _ _ E1 E2 E3). exact Pos.
    - now rewrite Es.
    - now rewrite Es.
    - assert (Len : length (rev ts ++ rev text) = (length text + length ts)%nat) by (rewrite length_of_app, !length_of_rev; lia).
      destruct (positive_logits_are_a_distribution (rev ts ++ rev text)) as [P1 P2]; auto; try (rewrite Len; assumption).
      split; [|exact P2]. intros t Vt. rewrite (P1 t Vt), C, X, Ex, (chance_permutation _ _ _ _ t Pm).
      destruct (after_ext k ts _ _ E1 E2 E3) as [-> ->]. reflexivity.
  Qed.
End Law.
