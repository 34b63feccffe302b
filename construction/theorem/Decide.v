(** DECIDE: which examples match the situation, and what do they do (docs/proof.md, lemma 12 in exact arithmetic).

    The gadget [exact_match] of gadgets.py, and the AND units of tuned_network.py. The residual stream that DECIDE reads is
    known here by its properties alone. *)
From Coq Require Import List QArith ZArith Bool Lia Lqa PeanoNat Setoid Morphisms.
From Tapehead Require Import Sums Transformer Machine Vocabulary BaseNetwork Ledger Embedding Stream Rules.
Import ListNotations.
Open Scope Q_scope.

Section Decide.
  Context {nQ nS k : nat} {cd : code} {beta : Q} {fits : list token -> Prop}.
  Variable rules : list exact_rule.
  Hypotheses (beta_positive : 0 < beta).
  Hypothesis rules_valid : forall r, In r rules -> valid_rule nQ nS k (as_rule r).
  Notation wf := (wf nQ nS k).
  Notation rc := (map (rows cd)).
  Variable r : list (list row) -> vec (D := dir).
  Notation x c := (r (rc c)).
  Hypothesis x_one : forall c, wf c -> x c One == 1.
  Hypothesis x_bos : forall c, wf c -> x c Bos == ind (is_bos (newest c)).
  Hypothesis x_state : forall c q, wf c ->
    x c (State q) == ind (match new_state (newest c) with Some p => Nat.eqb p q | None => false end).
  Hypothesis x_symbol : forall c i a, wf c -> fits c -> (i < k)%nat -> (a < nS)%nat ->
    x c (Symbol i a) == ind (Nat.eqb (tape (config_of c) i (head_at (config_of c) i)) a).
  Hypothesis x_example_state : forall c q, wf c -> (q < nQ)%nat ->
    x c (ExState q) == ind (match example_of (newest c) with Some r => agrees (on_state r) q | None => false end).
  Hypothesis x_example_symbol : forall c i b, wf c -> (i < k)%nat -> (b < nS)%nat ->
    x c (ExSymbol i b) == ind (match example_of (newest c) with Some r => agrees (nth i (on_symbols r) None) b | None => false end).
  Hypothesis x_example_field : forall c f, wf c ->
    x c (ExField f) == ind (match example_of (newest c) with Some r => has_field cd f (does r) | None => false end).
  Hypothesis x_decided : forall c f, wf c -> x c (Decided f) == 0.
  Hypothesis x_stop : forall c, wf c -> x c Stop == 0.

  Definition matching (q : nat) (s : list nat) (c' : list token) : bool :=
    match example_of (newest c') with Some r => applies q s r | None => false end.
  Definition match_score (q : nat) (s : list nat) (c' : list token) : Z :=
    match example_of (newest c') with Some r => points k r q s | None => 0 end.

  Lemma matching_score q s c' : wf c' -> length s = k -> matching q s c' = true -> match_score q s c' = Z.of_nat (k + 1).
  Proof.
    intros W Ls. pose proof (wf_valid _ _ _ _ W) as V. unfold matching, match_score.
    destruct (newest c'); cbn [example_of]; try discriminate. apply points_of_a_match; auto. apply V.
  Qed.
  Lemma unmatching_score q s c' : wf c' -> length s = k -> matching q s c' = false -> (match_score q s c' <= Z.of_nat k)%Z.
  Proof.
    intros W Ls. pose proof (wf_valid _ _ _ _ W) as V. unfold matching, match_score.
    destruct (newest c'); cbn [example_of]; intros H; try lia. apply points_of_a_miss; auto. apply V.
  Qed.

  Variables (c : list token) (q : nat).
  Hypotheses (W : wf c) (F : fits c) (blank_is_a_symbol : (0 < nS)%nat).
  Hypotheses (Q_new : new_state (newest c) = Some q) (Q_bound : (q < nQ)%nat).
  Definition s := under_heads k (config_of c).

  Lemma length_s : length s = k.
  Proof. unfold s, under_heads. now rewrite length_of_map, length_of_seq. Qed.

  Lemma ind_and a b : ind (a && b) == ind a * ind b.
  Proof. destruct a, b; reflexivity. Qed.

  Lemma decide_score c' : wf c' ->
    score (decide_head nQ nS k cd beta) (x c) (x c') ==
    beta * (inject_Z (match_score q s c') + half k * ind (is_bos (newest c'))).
  Proof.
    intros W'. unfold score. cbn [decide_head match_channels]. unfold exact_match. rewrite !sum_app, sum_map, sum_flat_map. cbn [fst snd].
    assert (A : sum (fun p => dot [(State p, beta)] (x c) * dot [(ExState p, 1)] (x c')) (states nQ)
      == beta * ind (match example_of (newest c') with Some r => agrees (on_state r) q | None => false end)).
    { rewrite (sum_single _ (states nQ) q).
      - rewrite !dotw, x_state, x_example_state, Q_new, Nat.eqb_refl by auto. cbn [one_if]. change (inject_Z 1) with 1. ring.
      - apply seq_NoDup.
      - apply in_seq; lia.
      - intros p _ N. rewrite dotw, x_state, Q_new by auto. destruct (Nat.eqb_spec q p); [congruence|]. cbn [one_if]. change (inject_Z 0) with 0. ring. }
    assert (B : sum (fun i => sum (fun ch => dot (fst ch) (x c) * dot (snd ch) (x c'))
        (map (fun a => ([(Symbol i a, beta)], [(ExSymbol i a, 1)])) (symbols nS))) (tapes k)
      == beta * inject_Z (match example_of (newest c') with Some r => agreements (on_symbols r) s k | None => 0 end)).
    { assert (B1 : forall i, In i (tapes k) -> sum (fun ch => dot (fst ch) (x c) * dot (snd ch) (x c'))
        (map (fun a => ([(Symbol i a, beta)], [(ExSymbol i a, 1)])) (symbols nS)) ==
        beta * ind (match example_of (newest c') with Some r => agrees (nth i (on_symbols r) None) (nth i s 0%nat) | None => false end)).
      { intros i Hi. apply in_seq in Hi. rewrite sum_map. cbn [fst snd].
        assert (Bs : (nth i s 0 < nS)%nat) by (unfold s; rewrite nth_under_heads by lia; eapply symbol_bound; eauto; lia).
        rewrite (sum_single _ (symbols nS) (nth i s 0%nat)).
        - rewrite !dotw, x_symbol, x_example_symbol by (auto; lia).
          unfold s at 1. rewrite nth_under_heads, Nat.eqb_refl by lia. cbn [one_if]. change (inject_Z 1) with 1. ring.
        - apply seq_NoDup.
        - apply in_seq; lia.
        - intros b Ib N. apply in_seq in Ib. rewrite dotw, x_symbol by (auto; lia).
          unfold s in N. rewrite nth_under_heads in N by lia.
          destruct (Nat.eqb_spec (tape (config_of c) i (head_at (config_of c) i)) b); [congruence|]. cbn [one_if]. change (inject_Z 0) with 0. ring. }
      rewrite (sum_ext _ _ (tapes k) B1), sum_scale.
      destruct (example_of (newest c')) as [e|].
      - rewrite (inject_zsum _ (fun i => one_if (agrees (nth i (on_symbols e) None) (nth i s 0%nat)))); [reflexivity|].
        intros; reflexivity.
      - rewrite (sum_zero _ (tapes k)); [reflexivity|]. intros; reflexivity. }
    rewrite A, B. cbn [sum fold_right fst snd]. rewrite !dotw, x_one, x_bos by auto.
    unfold match_score, points. destruct (example_of (newest c')); [rewrite inject_Z_plus|cbn [one_if]; change (inject_Z 0) with 0]; ring.
  Qed.

  Lemma half_spec : half k == inject_Z (Z.of_nat k) + (1 # 2).
  Proof.
    unfold half. replace (Z.of_nat (2 * (k + 1) - 1)) with (2 * Z.of_nat k + 1)%Z by lia.
    rewrite inject_Z_plus, inject_Z_mult. change (inject_Z 2) with 2. change (inject_Z 1) with 1. ring.
  Qed.

  Lemma bos_matches_nothing c' : is_bos (newest c') = true -> match_score q s c' = 0%Z /\ matching q s c' = false.
  Proof. unfold match_score, matching. destruct (newest c'); cbn; try discriminate. auto. Qed.

  Notation tail_score := (fun c' => score (decide_head nQ nS k cd beta) (x c) (x c')).
  Lemma wf_tail c' : In c' (tails c) -> wf c'.
  Proof. intros; eapply wf_tails; eauto. Qed.

  (** Some example matches: their mean. *)
  Lemma decide_hit value : (exists c', In c' (tails c) /\ matching q s c' = true) ->
    hard tail_score value (tails c) == sum value (filter (matching q s) (tails c)) / size (filter (matching q s) (tails c)).
  Proof.
    intros E. apply (hard_spec _ _ (matching q s) (beta * inject_Z (Z.of_nat (k + 1)))); auto.
    - intros c' I H. pose proof (wf_tail c' I) as W'. rewrite decide_score, (matching_score q s c') by (auto using length_s).
      destruct (is_bos (newest c')) eqn:B; [|cbn [one_if]; change (inject_Z 0) with 0; ring].
      destruct (bos_matches_nothing c' B). congruence.
    - intros c' I H. pose proof (wf_tail c' I) as W'. rewrite decide_score by auto.
      rewrite (Qmult_comm beta), (Qmult_comm beta). apply Qmult_lt_compat_r; auto. rewrite half_spec, Nat2Z.inj_add, inject_Z_plus.
      change (inject_Z (Z.of_nat 1)) with 1.
      destruct (is_bos (newest c')) eqn:B; cbn [one_if].
      + destruct (bos_matches_nothing c' B) as [-> _]. change (inject_Z 0) with 0. change (inject_Z 1) with 1. lra.
      + pose proof (unmatching_score q s c' W' length_s H) as U. rewrite Zle_Qle in U. change (inject_Z 0) with 0. lra.
  Qed.

  (** The best positions lead by beta / 2: the margin of [exact_match]. *)
  Lemma decide_margin : exists p top, (exists c', In c' (tails c) /\ p c' = true) /\
    (forall c', In c' (tails c) -> p c' = true -> tail_score c' == top) /\
    (forall c', In c' (tails c) -> p c' = false -> tail_score c' <= top - beta * (1 # 2)).
  Proof.
    destruct (existsb (matching q s) (tails c)) eqn:E.
    - exists (matching q s), (beta * inject_Z (Z.of_nat (k + 1))). split; [|split].
      + apply existsb_exists in E as (c' & I & H). eauto.
      + intros c' I H. pose proof (wf_tail c' I) as W'. rewrite decide_score, (matching_score q s c') by (auto using length_s).
        destruct (is_bos (newest c')) eqn:B; [|cbn [one_if]; change (inject_Z 0) with 0; ring].
        destruct (bos_matches_nothing c' B). congruence.
      + intros c' I H. pose proof (wf_tail c' I) as W'. rewrite decide_score by auto. rewrite half_spec, Nat2Z.inj_add, inject_Z_plus.
        change (inject_Z (Z.of_nat 1)) with 1. pose proof (unmatching_score q s c' W' length_s H) as U. rewrite Zle_Qle in U.
        destruct (is_bos (newest c')) eqn:B; cbn [one_if].
        * destruct (bos_matches_nothing c' B) as [-> _]. change (inject_Z 0) with 0. change (inject_Z 1) with 1. nra.
        * change (inject_Z 0) with 0. nra.
    - assert (N : forall c', In c' (tails c) -> matching q s c' = false).
      { intros c' I. destruct (matching q s c') eqn:H; auto. rewrite <- E. symmetry. apply existsb_exists. eauto. }
      exists (fun c' => is_bos (newest c')), (beta * half k). split; [eapply bos_in; eauto|]. split; intros c' I B.
      + pose proof (wf_tail c' I) as W'. rewrite decide_score, B by auto. destruct (bos_matches_nothing c' B) as [-> _].
        cbn [one_if]. change (inject_Z 1) with 1. change (inject_Z 0) with 0. ring.
      + pose proof (wf_tail c' I) as W'. rewrite decide_score, B by auto. rewrite half_spec.
        pose proof (unmatching_score q s c' W' length_s (N c' I)) as U. rewrite Zle_Qle in U. cbn [one_if]. change (inject_Z 0) with 0. nra.
  Qed.

  (** None does: BOS. *)
  Lemma decide_miss value : (forall c', In c' (tails c) -> matching q s c' = false) ->
    hard tail_score value (tails c) ==
    sum value (filter (fun c' => is_bos (newest c')) (tails c)) / size (filter (fun c' => is_bos (newest c')) (tails c)).
  Proof.
    intros E. apply (hard_spec _ _ (fun c' => is_bos (newest c')) (beta * half k)).
    - eapply bos_in; eauto.
    - intros c' I B. pose proof (wf_tail c' I) as W'. rewrite decide_score, B by auto.
      destruct (bos_matches_nothing c' B) as [-> _]. cbn [one_if]. change (inject_Z 1) with 1. change (inject_Z 0) with 0. ring.
    - intros c' I B. pose proof (wf_tail c' I) as W'. rewrite decide_score, B by auto.
      rewrite (Qmult_comm beta), (Qmult_comm beta). apply Qmult_lt_compat_r; auto. rewrite half_spec.
      pose proof (unmatching_score q s c' W' length_s (E c' I)) as U. rewrite Zle_Qle in U. cbn [one_if]. change (inject_Z 0) with 0. lra.
  Qed.


  Definition y4 := after_attention dir_dec (decide nQ nS k cd beta rules) r.
  Definition r4 := after_block dir_dec r (decide nQ nS k cd beta rules).

  Lemma targets_decide d : In d (targets (decide nQ nS k cd beta rules)) -> match d with Decided _ | Stop => True | _ => False end.
  Proof.
    unfold targets. rewrite in_app_iff, !in_flat_map. cbn [decide heads units].
    intros [(h & [<-|[]] & I)|(u & Iu & I)].
    - cbn [decide_head value_channels] in I. apply in_flat_map in I as (ch & Ic & I).
      apply in_app_iff in Ic as [Ic|[<-|[]]].
      + apply in_map_iff in Ic as (f & <- & _). cbn in I. destruct I as [<-|[]]; exact Logic.I.
      + cbn in I. destruct I as [<-|[]]; exact Logic.I.
    - apply in_map_iff in Iu as (e & <- & _). cbn [and_unit out map fst] in I. destruct I as [<-|I]; [exact Logic.I|].
      rewrite map_map in I. apply in_map_iff in I as (f & <- & _). exact Logic.I.
  Qed.
  Lemma y4_unchanged d : match d with Decided _ | Stop => False | _ => True end -> y4 (rc c) d == x c d.
  Proof. intros H. unfold y4. rewrite unchanged_attention; [reflexivity|]. intros I. apply targets_decide in I. now destruct d. Qed.
  Lemma r4_unchanged d : match d with Decided _ | Stop => False | _ => True end -> r4 (rc c) d == x c d.
  Proof. intros H. unfold r4. rewrite unchanged; [reflexivity|]. intros I. apply targets_decide in I. now destruct d. Qed.

  (** ** The head: the mean of the matching examples' actions *)
  Lemma y4_decided f : In f (all_fields nQ nS k cd) ->
    y4 (rc c) (Decided f) == hard tail_score (fun c' => x c' (ExField f)) (tails c).
  Proof.
    intros I. unfold y4, after_attention. cbn [decide heads].
    rewrite x_decided by auto. cbn [sum fold_right]. rewrite (attention_at r). cbn [decide_head value_channels]. unfold carry.
    rewrite sum_app, sum_map. rewrite (sum_single _ (all_fields nQ nS k cd) f).
    - cbn [fst snd sum fold_right].
      assert (E1 : coeff dir_dec [(Decided f, 1)] (Decided f) == 1) by (directions; ring).
      assert (E2 : coeff dir_dec [(Stop, 1)] (Decided f) == 0) by (directions; ring). rewrite E1, E2.
      match goal with |- 0 + (1 * ?a + (0 * ?b + 0) + 0) == ?z => transitivity a; [generalize a b; intros; ring|] end.
      apply hard_ext; [reflexivity|]. intros c' _. rewrite dotw. ring.
    - apply NoDup_nodup.
    - exact I.
    - intros f' _ N. cbn [fst snd]. assert (E1 : coeff dir_dec [(Decided f', 1)] (Decided f) == 0) by (directions; ring). rewrite E1.
      match goal with |- 0 * ?a == 0 => generalize a; intros; ring end.
  Qed.

  Lemma y4_stop : y4 (rc c) Stop == hard tail_score (fun c' => x c' Bos) (tails c).
  Proof.
    unfold y4, after_attention. cbn [decide heads].
    rewrite x_stop by auto. cbn [sum fold_right]. rewrite (attention_at r). cbn [decide_head value_channels]. unfold carry.
    rewrite sum_app, sum_map. rewrite (sum_zero _ (all_fields nQ nS k cd)).
    - cbn [fst snd sum fold_right].
      assert (E2 : coeff dir_dec [(Stop, 1)] Stop == 1) by (directions; ring). rewrite E2.
      match goal with |- 0 + (0 + (1 * ?a + 0) + 0) == ?z => transitivity a; [generalize a; intros; ring|] end.
      apply hard_ext; [reflexivity|]. intros c' _. rewrite dotw. ring.
    - intros f' _. cbn [fst snd]. assert (E1 : coeff dir_dec [(Decided f', 1)] Stop == 0) by (directions; ring). rewrite E1.
      match goal with |- 0 * ?a == 0 => generalize a; intros; ring end.
  Qed.

  Lemma mean_of_constant {X} (value : X -> Q) (l : list X) v : l <> [] -> (forall x, In x l -> value x == v) -> sum value l / size l == v.
  Proof.
    intros N H. rewrite (sum_ext _ (fun _ => v) l H), sum_const. destruct l as [|a l]; [congruence|].
    pose proof (size_pos (a :: l) a (or_introl eq_refl)). field. lra.
  Qed.

  (** The positions that match, and the examples that they show, are the same list twice. *)
  Lemma sum_matching (value : list token -> Q) (p : action -> Q) c0 :
    (forall c' e, In c' (tails c0) -> example_of (newest c') = Some e -> value c' == p (does e)) ->
    sum value (filter (matching q s) (tails c0)) == sum p (named q s (examples_of c0)).
  Proof.
    unfold named. induction c0 as [|t c0 IH]; intros H; [reflexivity|].
    cbn [tails filter examples_of flat_map]. fold (examples_of c0).
    change (matching q s (t :: c0)) with (match example_of t with Some r => applies q s r | None => false end).
    assert (IH' := IH (fun c' e I => H c' e (or_intror I))).
    destruct (example_of t) as [e|] eqn:Et; cbn [app filter]; [|exact IH'].
    destruct (applies q s e); [|exact IH']. cbn [map]. rewrite !sum_cons, IH'.
    rewrite (H (t :: c0) e (or_introl eq_refl) Et). reflexivity.
  Qed.
  Lemma size_matching c0 : size (filter (matching q s) (tails c0)) == size (named q s (examples_of c0)).
  Proof.
    assert (E := sum_matching (fun _ => 1) (fun _ => 1) c0 (fun _ _ _ _ => Qeq_refl 1)).
    rewrite !sum_const in E. rewrite <- (Qmult_1_l (size (filter _ _))), E. ring.
  Qed.

  Notation shown := (named q s (examples_of c)).
  Lemma shown_nobody : nobody shown = true -> forall c', In c' (tails c) -> matching q s c' = false.
  Proof.
    intros N c' I. destruct (matching q s c') eqn:E; auto. exfalso.
    assert (S : 1 <= size (filter (matching q s) (tails c))) by (eapply size_ge_1, filter_In; eauto).
    rewrite size_matching in S. destruct shown; [|discriminate]. change (size (@nil action)) with 0 in S. lra.
  Qed.
  Lemma shown_somebody : nobody shown = false -> exists c', In c' (tails c) /\ matching q s c' = true.
  Proof.
    intros N. destruct (filter (matching q s) (tails c)) as [|c' l] eqn:E.
    - exfalso. pose proof (size_matching c) as S. rewrite E in S. destruct shown as [|a l]; [discriminate|].
      pose proof (size_pos (a :: l) a (or_introl eq_refl)). change (size (@nil (list token))) with 0 in S. lra.
    - exists c'. apply filter_In. rewrite E. now left.
  Qed.

  Lemma attended_shares f : In f (all_fields nQ nS k cd) -> y4 (rc c) (Decided f) == share shown (has_field cd f).
  Proof.
    intros I. rewrite y4_decided by auto. destruct (nobody shown) eqn:N.
    - rewrite decide_miss by (apply shown_nobody; auto).
      assert (E : share shown (has_field cd f) == 0) by (destruct shown; [reflexivity|discriminate]). rewrite E.
      rewrite (sum_zero _ (filter _ _)); [unfold Qdiv; ring|].
      intros c' Ic. apply filter_In in Ic as (Ic & B). rewrite x_example_field by (apply wf_tail; auto).
      destruct (newest c'); cbn [is_bos] in B; try discriminate. reflexivity.
    - rewrite decide_hit by (apply shown_somebody; auto). unfold share. rewrite size_matching.
      rewrite (sum_matching _ (fun a => ind (has_field cd f a))); [reflexivity|].
      intros c' e Ic Ee. rewrite x_example_field, Ee by (apply wf_tail; auto). reflexivity.
  Qed.

  Lemma attended_stop : y4 (rc c) Stop == ind (nobody shown).
  Proof.
    rewrite y4_stop. destruct (nobody shown) eqn:N; cbn [one_if].
    - rewrite decide_miss by (apply shown_nobody; auto). apply mean_of_constant.
      + destruct (bos_in _ _ _ c W) as (c' & I & H). intros Z.
        assert (Ic : In c' (filter (fun c' => is_bos (newest c')) (tails c))) by (apply filter_In; auto). rewrite Z in Ic. destruct Ic.
      + intros c' Ic. apply filter_In in Ic as (Ic & B). rewrite x_bos, B by (apply wf_tail; auto). reflexivity.
    - rewrite decide_hit by (apply shown_somebody; auto). apply mean_of_constant.
      + destruct (shown_somebody N) as (c' & I & H). intros Z.
        assert (Ic : In c' (filter (matching q s) (tails c))) by (apply filter_In; auto). rewrite Z in Ic. destruct Ic.
      + intros c' Ic. apply filter_In in Ic as (Ic & H). rewrite x_bos by (apply wf_tail; auto).
        destruct (is_bos (newest c')) eqn:B; [|reflexivity]. destruct (bos_matches_nothing c' B). congruence.
  Qed.

  (** ** The units of a tuned network: each is 1 in its rule's situation, and 0 elsewhere *)
  Lemma and_unit_is e : In e rules ->
    relu (dot (gate (and_unit k cd e)) (y4 (rc c))) * dot (times (and_unit k cd e)) (y4 (rc c)) == ind (applies q s (as_rule e)).
  Proof.
    intros Ie. destruct (rules_valid e Ie) as (Vq & Vl & Vs & _). cbn [as_rule on_state on_symbols does] in Vq, Vl, Vs.
    assert (Lr : length (reading e) = k) by (now rewrite length_of_map in Vl).
    assert (G : dot (gate (and_unit k cd e)) (y4 (rc c)) == inject_Z (points k (as_rule e) q s - Z.of_nat k)).
    { cbn [and_unit gate]. unfold dot. rewrite sum_cons, sum_app, sum_map, (indexed_seq (reading e) 0%nat), sum_map. cbn [fst snd].
      rewrite sum_cons, sum_nil. cbn [fst snd].
      rewrite y4_unchanged, x_state, Q_new by (auto; exact I). rewrite (y4_unchanged One), x_one by (auto; exact I).
      rewrite (sum_ext _ (fun i => ind (agrees (nth i (map Some (reading e)) None) (nth i s 0%nat)))).
      - rewrite (inject_zsum _ (fun i => one_if (agrees (nth i (map Some (reading e)) None) (nth i s 0%nat)))) by reflexivity.
        rewrite Lr. unfold points, agreements, as_rule. cbn [on_state on_symbols agrees].
        rewrite Nat.eqb_sym. unfold Z.sub. rewrite !inject_Z_plus, inject_Z_opp. ring.
      - intros i Hi. apply in_seq in Hi. rewrite Lr in Hi.
        assert (B : (nth i (reading e) 0 < nS)%nat).
        { rewrite Forall_forall in Vs. apply (Vs (Some (nth i (reading e) 0%nat))). apply in_map, nth_In. lia. }
        rewrite y4_unchanged, x_symbol by (auto; try exact I; lia).
        unfold s. rewrite nth_under_heads by lia.
        rewrite (nth_indep _ None (Some 0%nat)) by (rewrite length_of_map; lia). rewrite map_nth. cbn [agrees].
        rewrite Nat.eqb_sym. ring. }
    rewrite G. cbn [and_unit times]. rewrite dot1, y4_unchanged, x_one by (auto; exact I).
    destruct (applies q s (as_rule e)) eqn:A; cbn [one_if].
    - rewrite (points_of_a_match k (as_rule e) q s Vl length_s A). replace (Z.of_nat (k + 1) - Z.of_nat k)%Z with 1%Z by lia.
      rewrite relu_pos by (change (inject_Z 1) with 1; lra). reflexivity.
    - pose proof (points_of_a_miss k (as_rule e) q s Vl length_s A) as P. rewrite relu_neg; [reflexivity|].
      change 0 with (inject_Z 0). rewrite <- Zle_Qle. lia.
  Qed.

  Notation learned := (named q s (map as_rule rules)).
  Lemma units_add (w : action -> Q) d : (forall e, In e rules -> coeff dir_dec (out (and_unit k cd e)) d == w (then_does e)) ->
    feed_forward dir_dec (units (decide nQ nS k cd beta rules)) (y4 (rc c)) d == sum w learned.
  Proof.
    intros H. unfold feed_forward. cbn [decide units]. rewrite sum_map.
    rewrite (sum_ext _ (fun e => w (then_does e) * ind (applies q s (as_rule e)))).
    - clear H rules_valid. unfold named. induction rules as [|e l IH]; [reflexivity|]. cbn [map filter].
      rewrite sum_cons, IH. destruct (applies q s (as_rule e)); cbn [one_if map]; [rewrite sum_cons; cbn [as_rule does]|].
      + change (inject_Z 1) with 1. ring.
      + change (inject_Z 0) with 0. ring.
    - intros e Ie. rewrite H, and_unit_is by auto. reflexivity.
  Qed.

  (** ** DECIDE: what examples and weights say. *)
  Theorem decided f : In f (all_fields nQ nS k cd) ->
    r4 (rc c) (Decided f) == share shown (has_field cd f) + sum (fun a => ind (has_field cd f a)) learned.
  Proof.
    intros I. unfold r4, after_block. fold y4. rewrite attended_shares by auto. apply Qplus_comp; [reflexivity|].
    apply units_add. intros e _. cbn [and_unit out]. rewrite coeff_cons. unfold coeff. rewrite sum_map. cbn [fst snd].
    destruct (dir_dec Stop (Decided f)); [discriminate|]. unfold has_field.
    destruct (in_dec field_dec f (fields cd (then_does e))) as [If|N]; cbn [one_if].
    - rewrite (sum_single _ _ f); [settle|apply NoDup_fields|auto|]. intros j _ Nj. settle.
    - rewrite sum_zero; [reflexivity|]. intros j Ij. settle.
  Qed.
  Theorem decided_stop : r4 (rc c) Stop == ind (nobody shown) - size learned.
  Proof.
    unfold r4, after_block. fold y4. rewrite attended_stop, (units_add (fun _ => - (1))).
    - rewrite sum_const. ring.
    - intros e _. cbn [and_unit out]. rewrite coeff_cons. unfold coeff. rewrite sum_map. cbn [fst snd].
      rewrite sum_zero; [settle|]. intros f _. settle.
  Qed.
End Decide.
