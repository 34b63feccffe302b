(** The next token: on every context of a run the right token's logit is 1, and every other token's at most 0.

    Here the four blocks come together. Everything is about the network with [rules] in its weights; the base network has none. *)
From Coq Require Import List QArith ZArith Bool Lia Lqa PeanoNat Setoid Morphisms.
From Tapehead Require Import Sums Transformer Machine Vocabulary BaseNetwork Ledger Embedding Stream Locate Address Read Rules Decide
  Unembedding.
Import ListNotations.
Open Scope Q_scope.

Section NextToken.
  Context {nQ nS k : nat} {cd : code} {beta M L K g : Q} {rules : list exact_rule}.
  Hypotheses (blank_is_a_symbol : (0 < nS)%nat) (beta_positive : 0 < beta) (g_large : 1 <= g).
  Hypothesis rules_valid : forall r, In r rules -> valid_rule nQ nS k (as_rule r).
  Notation N := (network nQ nS k cd beta M L K g rules).
  Notation wf := (wf nQ nS k).
  Notation valid := (valid nQ nS k).
  Notation rc := (map (rows cd)).
  Notation r3 := (@r3 nQ nS k cd beta M L K g).
  Notation x3 := (@x3 nQ nS k cd beta M L K g).
  Notation x0 := (@x0 nQ nS k cd beta M L K g).

  (** What the constants hold: contexts of at most L tokens, and of at most K / 2. *)
  Definition fits (c : list token) : Prop := size c <= L /\ 2 * size c <= K.
  (** The logit of a token after a context, newest token first. *)
  Definition logit_of (c : list token) (t : token) : Q := logit dir_dec N (rc c) (rows cd t).

  Section OneContext.
    Variables (c : list token) (q : nat).
    Hypotheses (W : wf c) (F : fits c) (Q_new : new_state (newest c) = Some q) (Q_bound : (q < nQ)%nat).
    Notation s := (under_heads k (config_of c)).
    Definition z : vec := @r4 nQ nS k cd beta rules r3 (rc c).

    Lemma residual_is : residual dir_dec N (rc c) = z.
    Proof. reflexivity. Qed.
    Lemma length_situation : length s = k.
    Proof. unfold under_heads. now rewrite length_of_map, length_of_seq. Qed.
    Lemma situation_symbols : Forall (fun b => b < nS)%nat s.
    Proof.
      apply Forall_forall. intros b I. unfold under_heads in I. apply in_map_iff in I as (i & <- & I).
      apply in_seq in I. eapply symbol_bound; eauto. lia.
    Qed.
    Lemma situation_valid : valid_situation nQ nS k q s.
    Proof. split; [exact Q_bound|]. split; [exact length_situation|exact situation_symbols]. Qed.

    Lemma z_unchanged d : match d with Decided _ | Stop => False | _ => True end -> z d == x3 c d.
    Proof. exact (r4_unchanged rules r3 c d). Qed.
    Lemma z_one : z One == 1.
    Proof. rewrite z_unchanged by exact I. rewrite x3_x0 by easy. now apply x0_one. Qed.
    Lemma x3_state c' p : wf c' -> x3 c' (State p)
      == ind (match new_state (newest c') with Some p' => Nat.eqb p' p | None => false end).
    Proof.
      intros W'. rewrite x3_x0 by easy. destruct (cons_of _ W') as (t & r & ->). rewrite x0_brings by discriminate. apply brings_state.
    Qed.
    Lemma z_state p : z (State p) == ind (Nat.eqb q p).
    Proof. rewrite z_unchanged by exact I. rewrite x3_state, Q_new by auto. reflexivity. Qed.
    Lemma z_symbol i a : (i < k)%nat -> (a < nS)%nat -> z (Symbol i a) == ind (Nat.eqb (nth i s 0%nat) a).
    Proof.
      intros Hi Ha. rewrite z_unchanged by exact I. rewrite nth_under_heads by auto. destruct F. now apply x3_symbol.
    Qed.

    (** What DECIDE needs to know of the blocks before it. *)
    Lemma z_decision :
      (forall f, In f (all_fields nQ nS k cd) -> z (Decided f) ==
        share (named q s (examples_of c)) (has_field cd f)
        + sum (fun a => ind (has_field cd f a)) (named q s (map as_rule rules)))
      /\ z Stop == ind (nobody (named q s (examples_of c))) - size (named q s (map as_rule rules))
      /\ exists p top, (exists c', In c' (tails c) /\ p c' = true)
        /\ (forall c', In c' (tails c) -> p c' = true -> score (decide_head nQ nS k cd beta) (x3 c) (x3 c') == top)
        /\ (forall c', In c' (tails c) -> p c' = false -> score (decide_head nQ nS k cd beta) (x3 c) (x3 c') <= top - beta * (1 # 2)).
    Proof.
      assert (E0 : forall c' d, located d = false -> match d with Found _ _ | Symbol _ _ => False | _ => True end ->
        r3 (rc c') d == x0 c' d) by (intros; now apply (x3_x0 c')).
      assert (V : forall c', wf c' -> exists t c'', c' = t :: c'' /\ valid t).
      { intros c' W'. pose proof (wf_valid _ _ _ _ W'). destruct (cons_of _ W') as (t & c'' & ->). eauto. }
      assert (H1 : forall c', wf c' -> r3 (rc c') One == 1) by (intros; rewrite E0 by easy; now apply x0_one).
      assert (H2 : forall c', wf c' -> r3 (rc c') Bos == ind (is_bos (newest c'))) by (intros; rewrite E0 by easy; now apply x0_bos).
      assert (H3 : forall c' p, wf c' -> r3 (rc c') (State p) == ind (match new_state (newest c') with Some p' => Nat.eqb p' p | None => false end))
        by (intros; now apply x3_state).
      assert (H4 : forall c' i a, wf c' -> fits c' -> (i < k)%nat -> (a < nS)%nat ->
        r3 (rc c') (Symbol i a) == ind (Nat.eqb (tape (config_of c') i (head_at (config_of c') i)) a))
        by (intros c' i a W' [] Hi Ha; now apply x3_symbol).
      assert (H5 : forall c' p, wf c' -> (p < nQ)%nat ->
        r3 (rc c') (ExState p) == ind (match example_of (newest c') with Some r => agrees (on_state r) p | None => false end)).
      { intros c' p W' Hp. rewrite E0 by easy. destruct (V c' W') as (t & c'' & -> & Vt). rewrite x0_brings by discriminate. now apply brings_example_state. }
      assert (H6 : forall c' i b, wf c' -> (i < k)%nat -> (b < nS)%nat -> r3 (rc c') (ExSymbol i b)
        == ind (match example_of (newest c') with Some r => agrees (nth i (on_symbols r) None) b | None => false end)).
      { intros c' i b W' Hi Hb. rewrite E0 by easy. destruct (V c' W') as (t & c'' & -> & Vt). rewrite x0_brings by discriminate. eapply brings_example_symbol; eauto. }
      assert (H7 : forall c' f, wf c' -> r3 (rc c') (ExField f)
        == ind (match example_of (newest c') with Some r => has_field cd f (does r) | None => false end)).
      { intros c' f W'. rewrite E0 by easy. destruct (V c' W') as (t & c'' & -> & Vt). rewrite x0_brings by discriminate. apply brings_example_field. }
      assert (H8 : forall c' f, wf c' -> r3 (rc c') (Decided f) == 0) by (intros; rewrite E0 by easy; now apply x0_computed).
      assert (H9 : forall c', wf c' -> r3 (rc c') Stop == 0) by (intros; rewrite E0 by easy; now apply x0_computed).
      split; [|split].
      - intros f I. now apply (decided (fits := fits) rules beta_positive rules_valid r3 H1 H2 H3 H4 H5 H6 H7 H8 c q).
      - now apply (decided_stop (fits := fits) rules beta_positive rules_valid r3 H1 H2 H3 H4 H5 H6 H9 c q).
      - apply (decide_margin (fits := fits) beta_positive r3 H1 H2 H3 H4 H5 H6 c q); auto.
    Qed.
  End OneContext.

  (** ** What a policy is told by *)

  (** Examples state a policy if in every situation of the capacity: where the policy has an action, an example matches, and all
      that match name that action; where it has none, none matches. *)
  Definition state_policy (examples : list rule) (pi : policy) : Prop :=
    forall q s, valid_situation nQ nS k q s ->
    match pi q s with
    | Some a => named q s examples <> [] /\ forall b, In b (named q s examples) -> b = a
    | None => named q s examples = []
    end.
  (** Rules in the weights do if there is exactly one for each situation in which the policy has an action, and none for any other. *)
  Definition have_policy (pi : policy) : Prop :=
    forall q s, valid_situation nQ nS k q s ->
    named q s (map as_rule rules) = match pi q s with Some a => [a] | None => [] end.
  (** The base network is shown a policy, a tuned one has it. *)
  Definition told (c : list token) (pi : policy) : Prop :=
    (rules = [] /\ state_policy (examples_of c) pi) \/ (examples_of c = [] /\ have_policy pi).

  Definition right_token (pi : policy) (q : nat) (s : list nat) : token :=
    match pi q s with Some a => TStep q s a | None => TStop end.

  Lemma examples_valid c e : wf c -> In e (examples_of c) -> valid_rule nQ nS k e.
  Proof.
    intros W. induction W; cbn [examples_of flat_map example_of app]; auto; [intros []|].
    intros [<-|I]; [exact H|auto].
  Qed.
  Lemma named_valid c q s a es : wf c -> (forall e, In e es -> valid_rule nQ nS k e) -> In a (named q s es) -> valid_action nQ nS k a.
  Proof.
    intros W V I. unfold named in I. apply in_map_iff in I as (e & <- & I). apply filter_In in I as (I & _).
    destruct (V e I) as (_ & _ & _ & Va). exact Va.
  Qed.
  Lemma policy_valid c q s a pi : wf c -> told c pi -> valid_situation nQ nS k q s -> pi q s = Some a -> valid_action nQ nS k a.
  Proof.
    intros W [(_ & T)|(_ & T)] V E; specialize (T q s V); rewrite E in T.
    - destruct T as (N & U). destruct (named q s (examples_of c)) as [|b l] eqn:En; [congruence|].
      rewrite <- (U b (or_introl eq_refl)). eapply named_valid; [eauto| |rewrite En; now left]. eauto using examples_valid.
    - eapply (named_valid c q s a (map as_rule rules)); [eauto| |rewrite T; now left].
      intros e I. apply in_map_iff in I as (r & <- & I). auto.
  Qed.
  Lemma right_valid c q pi : wf c -> told c pi -> (q < nQ)%nat -> valid (right_token pi q (under_heads k (config_of c))).
  Proof.
    intros W T Qb. unfold right_token. destruct (pi _ _) as [a|] eqn:E; [|exact I].
    pose proof (situation_valid c q W Qb) as V. split; [exact V|]. eapply policy_valid; eauto.
  Qed.

  (** STATEMENT 1. The right token's logit is 1, every other one's at most 0. *)
  Theorem next_token c q pi : wf c -> fits c -> new_state (newest c) = Some q -> (q < nQ)%nat -> told c pi ->
    logit_of c (right_token pi q (under_heads k (config_of c))) == 1 /\
    forall t, valid t -> t <> right_token pi q (under_heads k (config_of c)) -> logit_of c t <= 0.
  Proof.
    intros W F Qn Qb T. pose proof (situation_valid c q W Qb) as V. 
    pose proof (fun a => policy_valid c q _ a pi W T V) as PV.
    unfold right_token, logit_of, logit. change (W_U N) with (unembedding k g). rewrite (residual_is c).
    pose proof (z_one c W) as Z1. pose proof (z_state c q W Qn) as Z2. pose proof (z_symbol c W F) as Z3.
    pose proof (z_decision c q W F Qn Qb) as (Zd & Zs & _).
    set (s := under_heads k (config_of c)) in *. destruct V as (_ & Ls & Fs).
    assert (V : valid_situation nQ nS k q s) by (split; auto).
    assert (D : match pi q s with
      | Some a => z c Stop == 0 /\ forall f, In f (all_fields nQ nS k cd) -> z c (Decided f) == ind (has_field cd f a)
      | None => z c Stop == 1 /\ forall f, In f (all_fields nQ nS k cd) -> z c (Decided f) == 0
      end).
    { destruct T as [(R & T)|(X & T)]; specialize (T q s V).
      - rewrite R in Zd, Zs. change (named q s (map as_rule [])) with (@nil action) in Zd, Zs.
        destruct (pi q s) as [a|].
        + destruct T as (Ne & U). split.
          * rewrite Zs. destruct (named q s (examples_of c)); [congruence|]. reflexivity.
          * intros f I. rewrite (Zd f I), sum_nil, (share_unanimous _ a) by auto. ring.
        + rewrite T in Zd, Zs. split; [rewrite Zs; reflexivity|]. intros f I. rewrite (Zd f I), sum_nil. reflexivity.
      - rewrite X, T in Zs. assert (Zd' : forall f, In f (all_fields nQ nS k cd) ->
          z c (Decided f) == sum (fun a => ind (has_field cd f a)) match pi q s with Some a => [a] | None => [] end).
        { intros f I. rewrite (Zd f I), X, T. change (share (named q s []) (has_field cd f)) with (0 / 0).
          setoid_replace (0 / 0) with 0 by reflexivity. ring. }
        destruct (pi q s) as [a|]; split; try (rewrite Zs; reflexivity); intros f I; rewrite (Zd' f I).
        + rewrite sum_cons, sum_nil. ring.
        + reflexivity. }
    assert (A : forall a, pi q s = Some a -> valid_action nQ nS k a) by (intros a E; now apply PV).
    clear Zd Zs PV T. generalize dependent (z c). intros y Z1 Z2 Z3 D. clearbody s. destruct (pi q s) as [a|]; destruct D as [Ds Dd].
    - apply readout_hit; auto.
    - now apply readout_miss with (q := q) (s := s).
  Qed.

  (** STATEMENT 4 on one context: without a policy in the weights, in joint code, the positive logits are the shares of the
      actions that the matching examples name. *)
  Theorem positive_logits c q : cd = Joint -> rules = [] -> wf c -> fits c -> new_state (newest c) = Some q -> (q < nQ)%nat ->
    forall t, valid t -> relu (logit_of c t) == chance (under_heads k (config_of c)) q (examples_of c) t.
  Proof.
    intros J R W F Qn Qb t Vt. unfold logit_of, logit. change (W_U N) with (unembedding k g). rewrite (residual_is c).
    pose proof (z_decision c q W F Qn Qb) as (Zd & Zs & _). rewrite R in Zd, Zs. change (named _ _ (map as_rule [])) with (@nil action) in Zd, Zs.
    pose proof (z_one c W) as Z1. pose proof (z_state c q W Qn) as Z2. pose proof (z_symbol c W F) as Z3.
    destruct (situation_valid c q W Qb) as (_ & Ls & Fs).
    generalize dependent (z c). intros y Zd Zs Z1 Z2 Z3. set (s := under_heads k (config_of c)) in *. clearbody s.
    etransitivity; [apply (@readout_joint nQ nS k cd g g_large y q s Ls Z1 Z2 Z3 (named q s (examples_of c))); auto|].
    - rewrite Zs. change (size (@nil action)) with 0. ring.
    - intros f If. rewrite (Zd f If), sum_nil. ring.
    - unfold chance. destruct t as [ |r|j b|j m|q0|q' s' a'| ]; try reflexivity.
      destruct (list_eq_dec _ _ _); [|reflexivity]. unfold frequency, share. rewrite (sum_ext _ (fun b => ind (if action_dec a' b then true else false))); [reflexivity|].
      intros b _. unfold has_field. rewrite J. cbn [fields]. destruct (in_dec field_dec (FAction a') [FAction b]) as [[E|[]]|N], (action_dec a' b) as [E'|E']; try reflexivity.
      + exfalso. congruence.
      + exfalso. apply N. left. congruence.
  Qed.
End NextToken.
