(** Policies: every function from situations to actions is stated by the list of its examples, a deterministic list of rules states
    what it decides, and rules in the weights do; and machines with fewer tapes than the network. *)
From Coq Require Import List QArith ZArith Bool Lia PeanoNat.
From Tapehead Require Import Sums Transformer Machine Vocabulary BaseNetwork Ledger Embedding Stream Rules Decide Unembedding NextToken Decoder
  Prompt.
Import ListNotations.
Open Scope nat_scope.

Lemma applies_exactly q s q' s' a : applies q s (Rule (Some q') (map Some s') a) = true <-> q' = q /\ s' = s.
Proof.
  unfold applies. cbn [on_state on_symbols agrees]. rewrite andb_true_iff, Nat.eqb_eq, all_agree_exact. reflexivity.
Qed.

(** ** Deterministic rules state what they decide *)
Lemma deterministic_states nQ nS k rules : deterministic rules -> @state_policy nQ nS k rules (decision rules).
Proof.
  intros D q s _. unfold decision, named. destruct (find (applies q s) rules) as [r|] eqn:E; cbn [option_map].
  - apply find_some in E as (I & A). split.
    + intros N. apply map_eq_nil in N. assert (J : In r (filter (applies q s) rules)) by (apply filter_In; auto). rewrite N in J. destruct J.
    + intros b Ib. apply in_map_iff in Ib as (r' & <- & Ir). apply filter_In in Ir as (Ir & Ar). now apply (D q s).
  - destruct (filter (applies q s) rules) as [|r l] eqn:F; [reflexivity|]. exfalso.
    assert (J : In r (filter (applies q s) rules)) by (rewrite F; now left). apply filter_In in J as (I & A).
    rewrite (find_none _ _ E r I) in A. discriminate.
Qed.

(** ** Every function: its examples, one for each situation in which it has an action *)
Definition examples_of_function (nQ nS k : nat) (pi : policy) : list rule :=
  flat_map (fun p => match pi (fst p) (snd p) with
    | Some a => [Rule (Some (fst p)) (map Some (snd p)) a]
    | None => [] end) (all_situations nQ nS k).
Lemma in_examples_of_function nQ nS k pi r : In r (examples_of_function nQ nS k pi) <->
  exists q s a, valid_situation nQ nS k q s /\ pi q s = Some a /\ r = Rule (Some q) (map Some s) a.
Proof.
  unfold examples_of_function. rewrite in_flat_map. split.
  - intros ((q, s) & I & Ir). cbn [fst snd] in Ir. destruct (pi q s) as [a|] eqn:E; [|destruct Ir]. destruct Ir as [<-|[]].
    exists q, s, a. split; [now apply situation_listed|auto].
  - intros (q & s & a & V & E & ->). exists (q, s). split; [now apply situation_listed|]. cbn [fst snd]. rewrite E. now left.
Qed.

(** In any order, and each as often as you like. *)
Lemma function_stated nQ nS k pi rules : (forall r, In r rules <-> In r (examples_of_function nQ nS k pi)) ->
  @state_policy nQ nS k rules pi.
Proof.
  intros H q s V. assert (U : forall b, In b (named q s rules) -> pi q s = Some b).
  { intros b I. unfold named in I. apply in_map_iff in I as (r & <- & I). apply filter_In in I as (I & A). apply H in I.
    apply in_examples_of_function in I as (q' & s' & a & V' & E & ->). apply applies_exactly in A as (-> & ->). exact E. }
  destruct (pi q s) as [a|] eqn:E.
  - split; [|intros b I; specialize (U b I); congruence]. intros N. unfold named in N. apply map_eq_nil in N.
    assert (J : In (Rule (Some q) (map Some s) a) (filter (applies q s) rules)).
    { apply filter_In. split; [apply H, in_examples_of_function; exists q, s, a; auto|now apply applies_exactly]. }
    rewrite N in J. destruct J.
  - destruct (named q s rules) as [|b l]; [reflexivity|]. specialize (U b (or_introl eq_refl)). discriminate.
Qed.
Lemma function_valid nQ nS k pi r : (forall q s a, valid_situation nQ nS k q s -> pi q s = Some a -> valid_action nQ nS k a) ->
  In r (examples_of_function nQ nS k pi) -> valid_rule nQ nS k r.
Proof.
  intros H I. apply in_examples_of_function in I as (q & s & a & V & E & ->). pose proof (H q s a V E) as Va. destruct V as (Hq & Ls & Fs).
  split; [exact Hq|]. split; [cbn; now rewrite length_of_map|]. split; [|exact Va]. cbn. rewrite Forall_forall in Fs |- *.
  intros o Io. apply in_map_iff in Io as (b & <- & Ib). auto.
Qed.

(** ** Rules in the weights, at most one for each situation *)
Definition situations (rules : list exact_rule) : list (nat * list nat) := map (fun r => (in_state r, reading r)) rules.
Lemma named_once rules q s : NoDup (situations rules) ->
  named q s (map as_rule rules) = match decision (map as_rule rules) q s with Some a => [a] | None => [] end.
Proof.
  unfold decision. induction rules as [|r rules IH]; intros N; [reflexivity|]. cbn [situations map] in N. inversion N as [|? ? Nr N']; subst.
  unfold named in *. cbn [map filter find]. destruct (applies q s (as_rule r)) eqn:A; [|now apply IH].
  cbn [map option_map]. f_equal. apply applies_exactly in A as (Eq & Es).
  destruct (filter (applies q s) (map as_rule rules)) as [|r' l] eqn:F; [reflexivity|]. exfalso.
  assert (J : In r' (filter (applies q s) (map as_rule rules))) by (rewrite F; now left). apply filter_In in J as (J & A').
  apply in_map_iff in J as (r2 & <- & J). apply applies_exactly in A' as (Eq' & Es'). apply Nr.
  apply in_map_iff. exists r2. split; [congruence|exact J].
Qed.

(** ** Idle tapes: a machine with fewer tapes than the network, as the codec pads it *)
Section IdleTapes.
  Variables (k idle : nat).
  Definition pad_action (a : action) : action := Action (next a) (writes a ++ repeat 0 idle) (moves a ++ repeat S_ idle).
  Definition pad_rule (r : rule) : rule := Rule (on_state r) (on_symbols r ++ repeat (Some 0) idle) (pad_action (does r)).
  Definition pad_token (t : token) : token :=
    match t with TStep q s a => TStep q (s ++ repeat 0 idle) (pad_action a) | t => t end.

  Lemma nth_padded {X} (l : list X) d n : forall i, nth i (l ++ repeat d n) d = nth i l d.
  Proof.
    induction l as [|x l IH]; intros i; cbn [app].
    - revert i. induction n as [|n IHn]; intros i; [reflexivity|]. destruct i; cbn [repeat nth]; [reflexivity|]. rewrite IHn. now destruct i.
    - destruct i; [reflexivity|apply IH].
  Qed.
  Lemma all_agree_padded os ns : length os = length ns -> all_agree (os ++ repeat (Some 0) idle) (ns ++ repeat 0 idle) = all_agree os ns.
  Proof.
    revert ns. induction os as [|o os IH]; intros [|n ns] E; try discriminate.
    - cbn [app]. induction idle as [|i IHi]; [reflexivity|exact IHi].
    - cbn [app all_agree]. rewrite IH; [reflexivity|]. cbn in E. congruence.
  Qed.
  Lemma decision_padded rules q s : (forall r, In r rules -> length (on_symbols r) = length s) ->
    decision (map pad_rule rules) q (s ++ repeat 0 idle) = option_map pad_action (decision rules q s).
  Proof.
    unfold decision. intros H. induction rules as [|r rules IH]; [reflexivity|]. cbn [map find].
    assert (E : applies q (s ++ repeat 0 idle) (pad_rule r) = applies q s r).
    { unfold applies. cbn [pad_rule on_state on_symbols]. rewrite all_agree_padded; [reflexivity|]. apply H. now left. }
    rewrite E. destruct (applies q s r); [reflexivity|]. apply IH. intros; apply H; now right.
  Qed.

  Lemma run_padded rules : (forall r, In r rules -> length (on_symbols r) = k /\ length (writes (does r)) = k /\ length (moves (does r)) = k) ->
    forall n x y, state x = state y -> (forall i, head_at x i = head_at y i) -> (forall i z, tape x i z = tape y i z) ->
    (forall i z, k <= i -> tape y i z = 0) ->
    run (k + idle) (decision (map pad_rule rules)) x n = map pad_token (run k (decision rules) y n).
  Proof.
    intros H. induction n as [|n IH]; intros x y Es Eh Et Ez; [reflexivity|]. cbn [run].
    assert (U : under_heads (k + idle) x = under_heads k y ++ repeat 0 idle).
    { unfold under_heads. rewrite seq_app, map_app. f_equal.
      - apply map_ext. intros i. now rewrite Eh, Et.
      - assert (Z : forall s n, k <= s -> map (fun i => tape x i (head_at x i)) (seq s n) = repeat 0 n).
        { intros s m. revert s. induction m as [|m IHm]; intros s Hs; [reflexivity|]. cbn [seq map repeat]. rewrite Et, Ez, IHm by lia. reflexivity. }
        now apply Z. }
    assert (L : length (under_heads k y) = k) by (unfold under_heads; now rewrite length_of_map, length_of_seq).
    rewrite U, Es, decision_padded by (intros r I; rewrite L; now apply H).
    destruct (decision rules (state y) (under_heads k y)) as [a|] eqn:D; cbn [option_map map pad_token]; [|reflexivity]. f_equal.
    assert (A : length (writes a) = k).
    { unfold decision in D. destruct (find (applies (state y) (under_heads k y)) rules) as [r|] eqn:F; [|discriminate]. injection D as <-.
      apply find_some in F as (I & _). now apply H. }
    apply IH; cbn [apply_action state head_at tape pad_action next writes moves].
    - reflexivity.
    - intros i. now rewrite nth_padded, Eh.
    - intros i z. now rewrite nth_padded, Eh, Et.
    - intros i z Hi. rewrite (Ez i z Hi), (nth_overflow (writes a)) by lia. now destruct (Z.eqb z (head_at y i)).
  Qed.

  Theorem idle_tapes rules input start q n :
    (forall r, In r rules -> length (on_symbols r) = k /\ length (writes (does r)) = k /\ length (moves (does r)) = k) -> length input <= k ->
    run (k + idle) (decision (map pad_rule rules)) (start_config input start q) n
    = map pad_token (run k (decision rules) (start_config input start q) n).
  Proof.
    intros H Li. apply run_padded; auto. intros i z Hi. cbn [start_config tape]. rewrite (nth_overflow input) by lia.
    destruct (z <? 0)%Z; [reflexivity|]. now destruct (Z.to_nat z).
  Qed.

  Lemma pad_deterministic rules : (forall r, In r rules -> length (on_symbols r) = k) -> deterministic rules -> deterministic (map pad_rule rules).
  Proof.
    intros H D q s r r' I I' A A'. apply in_map_iff in I as (r1 & <- & I1). apply in_map_iff in I' as (r2 & <- & I2).
    assert (F : forall r, In r rules -> applies q s (pad_rule r) = true -> applies q (firstn k s) r = true).
    { intros r I. unfold applies. cbn [pad_rule on_state on_symbols]. rewrite !andb_true_iff. intros (Q & B). split; [exact Q|].
      rewrite <- (H r I). clear - B. revert s B. induction (on_symbols r) as [|o os IH]; intros [|b s] B; cbn [app all_agree length firstn] in *; auto; try discriminate.
      apply andb_true_iff in B as (B1 & B2). rewrite B1. now apply IH. }
    cbn [pad_rule does]. f_equal. eapply D; eauto.
  Qed.
  Lemma pad_valid nQ nS r : 0 < nS -> valid_rule nQ nS k r -> valid_rule nQ nS (k + idle) (pad_rule r).
  Proof.
    intros B (Vq & Vl & Vs & (Vn & Lw & Fw & Lm)). unfold valid_rule, valid_action. cbn [pad_rule pad_action on_state on_symbols does next writes moves].
    rewrite !length_of_app, !length_of_repeat, Vl, Lw, Lm. repeat split; auto.
    - apply Forall_app. split; auto. apply Forall_forall. intros o I. apply repeat_spec in I as ->. exact B.
    - apply Forall_app. split; auto. apply Forall_forall. intros o I. apply repeat_spec in I as ->. exact B.
  Qed.
End IdleTapes.
