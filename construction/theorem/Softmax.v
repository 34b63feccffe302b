(** STATEMENT 7: the base network with softmax in place of hard attention, over the reals, through all four blocks.

    The scores of READ and DECIDE have the inverse temperature beta in their weights, and their best positions lead by beta / 2;
    so on t tokens each head is within 2 t e^(- beta / 2) of the mean, [leak]; saturation takes READ's error away, and the right
    token keeps the largest logit. About one context, the base network alone, and over named directions: not about its tensors. *)
From Coq Require Import List QArith Qreals Reals Lra Lia Bool ZArith PeanoNat.
From Tapehead Require Import Sums Transformer Machine Vocabulary BaseNetwork Ledger Embedding Stream Locate Address Read Rules Decide
  Unembedding NextToken SoftmaxAttention RealTransformer.
Import ListNotations.
Open Scope R_scope.
Local Notation R := Rdefinitions.R.

Section Softmax.
  Context {nQ nS k : nat} {cd : code} {beta M L K g : Q}.
  Hypotheses (blank_is_a_symbol : (0 < nS)%nat) (beta_positive : (0 < beta)%Q) (g_large : (1 <= g)%Q).
  Notation N := (base_network nQ nS k cd beta M L K g).
  Notation wf := (wf nQ nS k).
  Notation rc := (map (rows cd)).
  Notation r2 := (@r2 nQ nS k cd beta M L K g).
  Notation r3 := (@r3 nQ nS k cd beta M L K g).
  Notation x2 := (@x2 nQ nS k cd beta M L K g).
  Notation x3 := (@x3 nQ nS k cd beta M L K g).

  Definition s0 : list (list row) -> real_vec := fun c d => Q2R (embed dir_dec N c d).
  Definition s1 := real_after_block s0 (locate k M L).
  Definition s2 := real_after_block s1 (address k M).
  Definition s3 := real_after_block s2 (read nS k beta M K).
  Definition s4 := real_after_block s3 (decide nQ nS k cd beta []).

  (** How far a head may be from the mean, on [c]. *)
  Definition leak (c : list token) : R := 2 * INR (length c) * exp (- Q2R (beta * (1 # 2))).
  Lemma leak_positive c : 0 <= leak c.
  Proof. unfold leak. pose proof (pos_INR (length c)). pose proof (exp_pos (- Q2R (beta * (1 # 2)))). nra. Qed.

  Lemma real_attention_at (s : list (list row) -> real_vec) h c d : real_attention h s (rc c) d =
    rsum (fun ch => real_coeff (snd ch) d * softmax (fun c' => real_score h (s (rc c)) (s (rc c'))) (fun c' => real_dot (fst ch) (s (rc c'))) (tails c))
      (value_channels h).
  Proof. unfold real_attention. apply rsum_ext. intros ch _. now rewrite tails_map, softmax_map. Qed.

  (** LOCATE and ADDRESS are exact. *)
  Lemma s2_exact c d : c <> [] -> s2 c d = Q2R (r2 c d).
  Proof.
    intros Ne. apply quiet_block; auto.
    - intros c' d' N'. apply quiet_block; auto. intros h I. cbn [locate heads] in I. apply in_map_iff in I as (i & <- & _). reflexivity.
    - intros h I. cbn [address heads] in I. apply in_map_iff in I as (i & <- & _). reflexivity.
  Qed.

  Lemma tails_rows c c' : In c' (tails c) -> rc c' <> [].
  Proof. intros I. destruct (tails_cons _ _ I) as (t & l & ->). discriminate. Qed.
  Lemma wf_rows c : wf c -> rc c <> [].
  Proof. intros W. destruct (cons_of c W) as (t & l & ->). discriminate. Qed.
  Lemma length_tails {X} (c : list X) : length (tails c) = length c.
  Proof. induction c; cbn; congruence. Qed.

  (** ** READ: within [leak] before saturation, exact after it *)
  Definition y3r c : real_vec := real_after_attention (read nS k beta M K) s2 (rc c).
  Notation y3 := (@y3 nQ nS k cd beta M L K g).

  Lemma posted_bound i a t : -1 <= IZR (posted i a t) <= 1.
  Proof.
    assert (B : forall b, (0 <= one_if b <= 1)%Z) by (intros []; cbn; lia).
    assert (P : (-1 <= posted i a t <= 1)%Z).
    { destruct t; cbn [posted]; try lia.
      - pose proof (B (Nat.eqb i0 i && Nat.eqb a0 a)). lia.
      - pose proof (B (Nat.eqb (nth i (writes a0) 0%nat) a)). pose proof (B (Nat.eqb (nth i s 0%nat) a)). lia. }
    destruct P as [P1 P2]. apply IZR_le in P1, P2. lra.
  Qed.

  Lemma read_near c i a : wf c -> (i < k)%nat -> (0 < a)%nat -> (size c <= L)%Q ->
    Rabs (softmax (fun c' => real_score (read_head nS beta M i) (s2 (rc c)) (s2 (rc c'))) (fun c' => real_dot [(Posting i a, 1%Q)] (s2 (rc c'))) (tails c)
      - Q2R (hard (fun c' => score (read_head nS beta M i) (x2 c) (x2 c')) (fun c' => dot [(Posting i a, 1%Q)] (x2 c')) (tails c))) <= leak c.
  Proof.
    intros W Hi Ha HL. destruct (read_margin (cd := cd) (M := M) (K := K) (g := g) blank_is_a_symbol beta_positive c i W Hi HL) as (p & top & E & HT & HF).
    assert (V : forall c', In c' (tails c) -> forall t l, c' = t :: l -> valid nQ nS k t).
    { intros c' I t l ->. pose proof (wf_valid _ _ _ _ (wf_tails nQ nS k c _ W I)) as V. exact V. }
    rewrite (softmax_ext _ (fun c' => Q2R (score (read_head nS beta M i) (x2 c) (x2 c'))) _ (fun c' => Q2R (dot [(Posting i a, 1%Q)] (x2 c')))).
    - eapply Rle_trans; [apply (softmax_near _ _ p top (beta * (1 # 2)) (tails c) E HT HF)|].
      + apply (Qmult_lt_compat_r 0 beta (1 # 2)) in beta_positive; [|reflexivity]. now rewrite Qmult_0_l in beta_positive.
      + intros c' I. destruct (tails_cons _ _ I) as (t & l & Ec). subst c'. rewrite (Qeq_eqR _ (inject_Z (posted i a t))).
        * unfold Q2R, inject_Z. cbn [Qnum Qden]. rewrite Rinv_1, Rmult_1_r. apply Rabs_le. apply posted_bound.
        * rewrite dot1, x2_x0, x0_brings by (reflexivity || discriminate). eapply brings_posting; eauto.
      + rewrite length_tails. apply Rle_refl.
    - intros c' I. unfold real_score, score. rewrite Q2R_sum. apply rsum_ext. intros ch _. rewrite Q2R_mult.
      rewrite (dot_exact (fst ch) _ (x2 c)), (dot_exact (snd ch) _ (x2 c')); [reflexivity|..]; intros q _; apply s2_exact;
        [eapply tails_rows; eauto|now apply wf_rows].
    - intros c' I. apply dot_exact. intros q _. apply s2_exact. eapply tails_rows; eauto.
  Qed.

  Lemma single_coeff d' d : real_coeff [(d', 1%Q)] d = if dir_dec d' d then 1 else 0.
  Proof.
    unfold real_coeff. destruct (dir_dec d' d) as [->|Nd].
    - rewrite <- Q2R_1. apply Qeq_eqR. unfold coeff, sum. cbn. destruct (dir_dec d d); [reflexivity|congruence].
    - rewrite <- Q2R_0. apply Qeq_eqR. unfold coeff, sum. cbn. destruct (dir_dec d' d); [congruence|reflexivity].
  Qed.

  Lemma y3r_difference c d : wf c -> y3r c d - Q2R (y3 c d) = rsum (fun i => rsum (fun a => (if dir_dec (Found i a) d then 1 else 0)
      * (softmax (fun c' => real_score (read_head nS beta M i) (s2 (rc c)) (s2 (rc c'))) (fun c' => real_dot [(Posting i a, 1%Q)] (s2 (rc c'))) (tails c)
      - Q2R (hard (fun c' => score (read_head nS beta M i) (x2 c) (x2 c')) (fun c' => dot [(Posting i a, 1%Q)] (x2 c')) (tails c)))) (marks nS)) (tapes k).
  Proof.
    intros W. unfold y3r, Read.y3, real_after_attention, after_attention. rewrite Q2R_plus, s2_exact by (now apply wf_rows).
    cbn [read heads]. rewrite Q2R_sum, !rsum_map.
    match goal with |- ?x + ?u - (?x + ?v) = _ => replace (x + u - (x + v)) with (u - v) by ring end.
    rewrite rsum_difference. apply rsum_ext. intros i _. rewrite real_attention_at, (Qeq_eqR _ _ (attention_at r2 (read_head nS beta M i) c d)), Q2R_sum.
    cbn [read_head value_channels]. rewrite !rsum_map, rsum_difference. apply rsum_ext. intros a _. unfold carry. cbn [fst snd].
    rewrite Q2R_mult. change (Q2R (coeff dir_dec [(Found i a, 1%Q)] d)) with (real_coeff [(Found i a, 1%Q)] d). rewrite single_coeff.
    rewrite <- Rmult_minus_distr_l. reflexivity.
  Qed.
  Lemma y3r_exact c d : wf c -> (forall i a, d <> Found i a) -> y3r c d = Q2R (y3 c d).
  Proof.
    intros W N. apply Rminus_diag_uniq. rewrite y3r_difference by auto. apply rsum_zero. intros i _. apply rsum_zero. intros a _.
    destruct (dir_dec (Found i a) d) as [E|_]; [exfalso; eapply N; eauto|ring].
  Qed.
  Lemma y3r_near c i a : wf c -> (i < k)%nat -> (0 < a < nS)%nat -> (size c <= L)%Q -> Rabs (y3r c (Found i a) - Q2R (y3 c (Found i a))) <= leak c.
  Proof.
    intros W Hi Ha HL. rewrite y3r_difference by auto. rewrite (rsum_single _ (tapes k) i (NoDup_tapes k) (in_tapes k i Hi)).
    - rewrite (rsum_single _ (marks nS) a (seq_NoDup _ _)).
      + destruct (dir_dec (Found i a) (Found i a)); [|congruence]. rewrite Rmult_1_l. apply read_near; auto. lia.
      + apply in_seq. lia.
      + intros b _ N. destruct (dir_dec (Found i b) (Found i a)); [congruence|ring].
    - intros j _ N. apply rsum_zero. intros b _. destruct (dir_dec (Found j b) (Found i a)); [congruence|ring].
  Qed.

  (** What the constants must hold now: [size c <= L], [3 size c <= K], and leaks that saturation cannot see. *)
  Definition holds (c : list token) : Prop := (size c <= L)%Q /\ (3 * size c <= K)%Q /\ Q2R K * leak c <= 1.

  Lemma y3r_one c : wf c -> y3r c One = 1.
  Proof. intros W. rewrite y3r_exact by (auto; discriminate). rewrite (Qeq_eqR _ _ (y3_one c W)). apply Q2R_1. Qed.

  Lemma pair_exact c i a d : wf c -> (i < k)%nat -> (0 < a < nS)%nat -> holds c ->
    rsum (fun u => real_coeff (out u) d * (real_relu (real_dot (gate u) (y3r c)) * real_dot (times u) (y3r c))) (above K (Found i a) (Symbol i a) (Symbol i 0))
    = Q2R (sum (fun u => coeff dir_dec (out u) d * (relu (dot (gate u) (y3 c)) * dot (times u) (y3 c)))%Q (above K (Found i a) (Symbol i a) (Symbol i 0))).
  Proof.
    intros W Hi Ha (HL & HK & Hl).
    assert (HK2 : (2 * size c <= K)%Q).
    { eapply Qle_trans; [|exact HK]. apply Qmult_le_compat_r; [discriminate|]. unfold size, Qle. cbn. lia. }
    destruct (y3_found (cd := cd) (M := M) (K := K) (g := g) blank_is_a_symbol beta_positive c i a W Hi Ha HL) as (v & V1 & V2 & E).
    pose proof (unit_pair (cd := cd) (M := M) (g := g) blank_is_a_symbol beta_positive c i a W Hi Ha HL HK2) as P.
    pose proof (real_saturation K (Nat.eqb (tape (config_of c) i (head_at (config_of c) i)) a) v (y3 c (Found i a)) (y3r c (Found i a)) (leak c) V1) as S.
    specialize (S ltac:(eapply Qle_trans; [|exact HK]; rewrite (Qmult_comm 3), (Qmult_comm 3); apply Qmult_le_compat_r; [exact V2|discriminate]) E (y3r_near c i a W Hi Ha HL) (leak_positive c) Hl).
    assert (O : real_dot [(One, 1%Q)] (y3r c) = 1).
    { unfold real_dot, rsum. cbn [fold_right fst snd]. rewrite Q2R_1, y3r_one by auto. ring. }
    assert (G1 : real_dot [(Found i a, K); (One, (- (1))%Q)] (y3r c) = Q2R K * y3r c (Found i a) - 1).
    { unfold real_dot, rsum. cbn [fold_right fst snd]. rewrite y3r_one, Q2R_opp, Q2R_1 by auto. ring. }
    assert (G2 : real_dot [(Found i a, K); (One, (- (2))%Q)] (y3r c) = Q2R K * y3r c (Found i a) - 2).
    { unfold real_dot, rsum. cbn [fold_right fst snd]. rewrite y3r_one, Q2R_opp by auto. replace (Q2R 2) with 2; [ring|].
      unfold Q2R. cbn [Qnum Qden]. rewrite Rinv_1. ring. }
    unfold above. cbn [rsum sum fold_right out gate times]. rewrite G1, G2, O.
    set (w := coeff dir_dec [(Symbol i a, 1%Q); (Symbol i 0, (- (1))%Q)] d).
    assert (C : (coeff dir_dec [(Symbol i a, (- (1))%Q); (Symbol i 0, 1%Q)] d == - w)%Q).
    { unfold w, coeff, sum. cbn [fold_right fst snd]. destruct (dir_dec (Symbol i a) d), (dir_dec (Symbol i 0) d); ring. }
    unfold real_coeff. fold w. rewrite (Qeq_eqR _ _ C), Q2R_opp.
    match type of P with (?a1 - ?a2 == _)%Q => set (q1 := a1) in *; set (q2 := a2) in * end.
    assert (Eq : (w * q1 + (coeff dir_dec [(Symbol i a, (- (1))%Q); (Symbol i 0, 1%Q)] d * q2 + 0)
      == w * ind (Nat.eqb (tape (config_of c) i (head_at (config_of c) i)) a))%Q) by (rewrite C, <- P; ring).
    rewrite (Qeq_eqR _ _ Eq), Q2R_mult, <- S. ring.
  Qed.

  Lemma saturate_exact c d : wf c -> holds c ->
    real_feed_forward (units (read nS k beta M K)) (y3r c) d = Q2R (feed_forward dir_dec (units (read nS k beta M K)) (y3 c) d).
  Proof.
    intros W H. unfold real_feed_forward, feed_forward. cbn [read units].
    rewrite (Qeq_eqR _ _ (sum_flat_map _ _ _)), rsum_flat_map, Q2R_sum. apply rsum_ext. intros i Ii. apply in_seq in Ii.
    unfold saturate.
    match goal with |- rsum ?f (?u :: ?l) = Q2R (sum ?h _) => change (f u + rsum f l = Q2R (h u + sum h l)%Q) end.
    rewrite Q2R_plus. f_equal.
    - rewrite !Q2R_mult. unfold real_coeff. f_equal. cbn [constant gate times].
      rewrite !(dot_exact [(One, 1%Q)] _ (y3 c)), Q2R_relu by (intros p [<-|[]]; apply y3r_exact; auto; discriminate). reflexivity.
    - rewrite (Qeq_eqR _ _ (sum_flat_map _ _ _)), rsum_flat_map, Q2R_sum. apply rsum_ext. intros a Ia. apply in_seq in Ia.
      apply pair_exact; auto; lia.
  Qed.

  Theorem s3_exact c d : wf c -> holds c -> (forall i a, d <> Found i a) -> s3 (rc c) d = Q2R (x3 c d).
  Proof.
    intros W H N. unfold s3, real_after_block. fold (y3r c). rewrite y3r_exact, saturate_exact, <- Q2R_plus by auto. reflexivity.
  Qed.

  (** ** DECIDE: within [leak] of the shares *)
  Lemma holds_tails c c' : holds c -> In c' (tails c) -> holds c'.
  Proof.
    intros (HL & HK & Hl) I. pose proof (in_tails_size c c' I) as S. split; [eapply Qle_trans; eauto|]. split.
    - eapply Qle_trans; [|exact HK]. rewrite (Qmult_comm 3), (Qmult_comm 3). apply Qmult_le_compat_r; [exact S|discriminate].
    - assert (PK : 0 <= Q2R K).
      { rewrite <- Q2R_0. apply Qle_Rle. eapply Qle_trans; [|exact HK]. rewrite <- (Qmult_0_r 3). apply Qmult_le_l; [reflexivity|]. unfold size, Qle. cbn. lia. }
      assert (Ln : leak c' <= leak c).
      { unfold leak. apply Qle_Rle in S. rewrite !Q2R_size in S. apply Rmult_le_compat_r; [left; apply exp_pos|]. lra. }
      eapply Rle_trans; [apply Rmult_le_compat_l; [exact PK|exact Ln]|exact Hl].
  Qed.
  Lemma holds_fits c : holds c -> @fits L K c.
  Proof.
    intros (HL & HK & _). split; [exact HL|]. eapply Qle_trans; [|exact HK]. apply Qmult_le_compat_r; [discriminate|]. unfold size, Qle. cbn. lia.
  Qed.

  Section OneContext.
    Variables (c : list token) (q : nat).
    Hypotheses (W : wf c) (H : holds c) (Q_new : new_state (newest c) = Some q) (Q_bound : (q < nQ)%nat).
    Notation z := (@z nQ nS k cd beta M L K g [] c).

    Lemma decide_near src : (forall i a, src <> Found i a) -> (forall c', In c' (tails c) -> Rabs (Q2R (x3 c' src)) <= 1) ->
      Rabs (softmax (fun c' => real_score (decide_head nQ nS k cd beta) (s3 (rc c)) (s3 (rc c'))) (fun c' => real_dot [(src, 1%Q)] (s3 (rc c'))) (tails c)
        - Q2R (hard (fun c' => score (decide_head nQ nS k cd beta) (x3 c) (x3 c')) (fun c' => dot [(src, 1%Q)] (x3 c')) (tails c))) <= leak c.
    Proof.
      intros Ns Bs. assert (V : forall r : exact_rule, In r [] -> valid_rule nQ nS k (as_rule r)) by (intros r []).
      destruct (z_decision (cd := cd) (M := M) (g := g) blank_is_a_symbol beta_positive V c q W (holds_fits c H) Q_new Q_bound) as (_ & _ & (p & top & E & HT & HF)).
      assert (Ex : forall c' d, In c' (tails c) -> (forall i a, d <> Found i a) -> s3 (rc c') d = Q2R (x3 c' d)).
      { intros c' d I N. apply s3_exact; auto; [eapply wf_tails; eauto|eapply holds_tails; eauto]. }
      rewrite (softmax_ext _ (fun c' => Q2R (score (decide_head nQ nS k cd beta) (x3 c) (x3 c'))) _ (fun c' => Q2R (dot [(src, 1%Q)] (x3 c')))).
      - eapply Rle_trans; [apply (softmax_near _ _ p top (beta * (1 # 2)) (tails c) E HT HF)|].
        + apply (Qmult_lt_compat_r 0 beta (1 # 2)) in beta_positive; [|reflexivity]. now rewrite Qmult_0_l in beta_positive.
        + intros c' I. rewrite (Qeq_eqR _ _ (dot1 src (x3 c'))). auto.
        + rewrite length_tails. apply Rle_refl.
      - intros c' I. unfold real_score, score. rewrite Q2R_sum. apply rsum_ext. intros ch Ic. rewrite Q2R_mult.
        assert (N : forall p, In p (fst ch) \/ In p (snd ch) -> forall i a, fst p <> Found i a).
        { cbn [decide_head match_channels] in Ic. unfold exact_match in Ic. rewrite !in_app_iff, in_map_iff, in_flat_map in Ic.
          destruct Ic as [(x & <- & _)|[(i & _ & Ic)|[<-|[]]]]; [| apply in_map_iff in Ic as (x & <- & _) |]; cbn [fst snd];
            intros p0 [[<-|[]]|[<-|[]]]; discriminate. }
        rewrite (dot_exact (fst ch) _ (x3 c)), (dot_exact (snd ch) _ (x3 c')); [reflexivity|..]; intros p0 I0.
        + apply Ex; auto.
        + apply s3_exact; auto.
      - intros c' I. apply dot_exact. intros p0 [<-|[]]. now apply Ex.
    Qed.

    Lemma ind_bound b : Rabs (Q2R (ind b)) <= 1.
    Proof.
      destruct b; cbn [one_if]; [change (inject_Z 1) with 1%Q; rewrite Q2R_1, Rabs_R1 | change (inject_Z 0) with 0%Q; rewrite Q2R_0, Rabs_R0]; lra.
    Qed.
    Lemma values_bound src c' : (src = Bos \/ exists f, src = ExField f) -> In c' (tails c) -> Rabs (Q2R (x3 c' src)) <= 1.
    Proof.
      intros E I. pose proof (wf_tails nQ nS k c c' W I) as W'. assert (X : exists b, (x3 c' src == ind b)%Q).
      { destruct E as [->|(f & ->)].
        - exists (is_bos (newest c')). rewrite x3_x0 by easy. now apply x0_bos.
        - destruct (tails_cons _ _ I) as (t & l & ->). eexists. rewrite x3_x0 by easy. rewrite x0_brings by discriminate. apply brings_example_field. }
      destruct X as (b & X). rewrite (Qeq_eqR _ _ X). apply ind_bound.
    Qed.

    Definition is_decision (d : dir) : bool := match d with Decided _ | Stop => true | _ => false end.
    Lemma s4_near d : (forall i a, d <> Found i a) -> Rabs (s4 (rc c) d - Q2R (z d)) <= if is_decision d then leak c else 0.
    Proof.
      intros N. set (gap := fun src => softmax (fun c' => real_score (decide_head nQ nS k cd beta) (s3 (rc c)) (s3 (rc c'))) (fun c' => real_dot [(src, 1%Q)] (s3 (rc c'))) (tails c)
        - Q2R (hard (fun c' => score (decide_head nQ nS k cd beta) (x3 c) (x3 c')) (fun c' => dot [(src, 1%Q)] (x3 c')) (tails c))).
      assert (D : s4 (rc c) d - Q2R (z d) = rsum (fun f => (if dir_dec (Decided f) d then 1 else 0) * gap (ExField f)) (all_fields nQ nS k cd)
        + (if dir_dec Stop d then 1 else 0) * gap Bos).
      { unfold s4, NextToken.z, r4, real_after_block, after_block, real_feed_forward, feed_forward. cbn [decide units map]. 
        rewrite Q2R_plus. cbn [rsum sum fold_right]. rewrite Q2R_0. unfold real_after_attention, after_attention.
        rewrite Q2R_plus, s3_exact by auto. cbn [decide heads rsum sum fold_right]. rewrite Q2R_plus, Q2R_0.
        rewrite real_attention_at, (Qeq_eqR _ _ (attention_at r3 (decide_head nQ nS k cd beta) c d)), Q2R_sum.
        cbn [decide_head value_channels]. rewrite !rsum_app, !rsum_map. unfold carry. cbn [fst snd].
        change (Q2R (x3 c d)) with (Q2R (r3 (rc c) d)).
        match goal with |- ?x + (?u1 + ?u2 + 0) + 0 - (?x + (?v1 + ?v2 + 0) + 0) = _ => transitivity ((u1 - v1) + (u2 - v2)); [ring|] end.
        rewrite rsum_difference. f_equal.
        - apply rsum_ext. intros f _. rewrite Q2R_mult. change (Q2R (coeff dir_dec [(Decided f, 1%Q)] d)) with (real_coeff [(Decided f, 1%Q)] d).
          rewrite single_coeff, <- Rmult_minus_distr_l. reflexivity.
        - unfold rsum. cbn [fold_right fst snd]. rewrite Q2R_mult. change (Q2R (coeff dir_dec [(Stop, 1%Q)] d)) with (real_coeff [(Stop, 1%Q)] d).
          rewrite single_coeff. unfold gap. rewrite Rmult_minus_distr_l.
          match goal with |- ?a * ?s + 0 - (?a * ?h + 0) = _ => transitivity (a * s - a * h); [ring|reflexivity] end. }
      rewrite D. assert (Gf : forall f, Rabs (gap (ExField f)) <= leak c).
      { intros f. refine (decide_near (ExField f) _ (fun c' I => values_bound (ExField f) c' (or_intror (ex_intro _ f eq_refl)) I)). discriminate. }
      assert (Gb : Rabs (gap Bos) <= leak c).
      { refine (decide_near Bos _ (fun c' I => values_bound Bos c' (or_introl eq_refl) I)). discriminate. }
      clearbody gap. clear D. destruct (dir_dec Stop d) as [<-|Ns].
      - rewrite rsum_zero by (intros f _; destruct (dir_dec (Decided f) Stop); [discriminate|ring]). cbn [is_decision].
        rewrite Rplus_0_l, Rmult_1_l. exact Gb.
      - rewrite Rmult_0_l, Rplus_0_r. destruct d as [ | | | |q0|q0|i a|f|i|i|i a|i|i|i|i|i|i|i a|i a|f| ]; cbn [is_decision];
          try (rewrite rsum_zero by (intros f' _; destruct (dir_dec (Decided f') _); [discriminate|ring]); rewrite Rabs_R0; apply Rle_refl).
        + destruct (in_dec field_dec f (all_fields nQ nS k cd)) as [I|Ni].
          * rewrite (rsum_single _ _ f (NoDup_nodup _ _) I).
            -- destruct (dir_dec (Decided f) (Decided f)); [|congruence]. rewrite Rmult_1_l. apply Gf.
            -- intros f' _ Nf. destruct (dir_dec (Decided f') (Decided f)); [congruence|ring].
          * rewrite rsum_zero; [rewrite Rabs_R0; apply leak_positive|]. intros f' I'.
            destruct (dir_dec (Decided f') (Decided f)) as [E|]; [exfalso; apply Ni; congruence|ring].
        + congruence.
    Qed.

    (** ** The read-out: a token's logit is within [leak] for each of its action fields *)
    Lemma row_near r : Rabs (real_dot (unembedding k g r) (s4 (rc c)) - Q2R (dot (unembedding k g r) z))
      <= match r with RStepField _ | RStop => leak c | _ => 0 end.
    Proof.
      assert (X : forall d, is_decision d = false -> (forall i a, d <> Found i a) -> s4 (rc c) d = Q2R (z d)).
      { intros d E N. pose proof (s4_near d N) as B. rewrite E in B. pose proof (Rle_abs (s4 (rc c) d - Q2R (z d))).
        pose proof (Rle_abs (- (s4 (rc c) d - Q2R (z d)))) as B2. rewrite Rabs_Ropp in B2. lra. }
      unfold real_dot, dot. rewrite Q2R_sum, rsum_difference.
      destruct r as [ | |o|i o|f| |i a| |i m| |q0| |q0|i a|f| ]; cbn [unembedding]; unfold rsum; cbn [fold_right fst snd];
        try (rewrite Q2R_mult, X by (reflexivity || discriminate); match goal with |- Rabs ?x <= 0 => replace x with 0 by ring end; rewrite Rabs_R0; apply Rle_refl);
        try (rewrite Rabs_R0; apply Rle_refl).
      - pose proof (s4_near (Decided f) ltac:(discriminate)) as B. cbn [is_decision] in B. rewrite Q2R_mult, Q2R_1.
        destruct f; cbn [fold_right fst snd]; try (rewrite Q2R_mult, (X One) by (reflexivity || discriminate));
          match goal with |- Rabs ?x <= _ => match type of B with Rabs ?y <= _ => replace x with y by ring end end; exact B.
      - pose proof (s4_near Stop ltac:(discriminate)) as B. cbn [is_decision] in B. rewrite Q2R_mult, Q2R_1.
        match goal with |- Rabs ?x <= _ => match type of B with Rabs ?y <= _ => replace x with y by ring end end. exact B.
    Qed.

    Definition logit_gap (t : token) : R :=
      real_logit N (rc c) (rows cd t) - Q2R (@logit_of nQ nS k cd beta M L K g [] c t).
    Lemma logit_near t : valid nQ nS k t -> Rabs (logit_gap t) <= INR (2 * k + 1) * leak c.
    Proof.
      intros V. assert (E : logit_gap t = rsum (fun r => real_dot (unembedding k g r) (s4 (rc c)) - Q2R (dot (unembedding k g r) z)) (rows cd t)).
      { unfold logit_gap, real_logit, logit_of, logit. rewrite Q2R_sum, rsum_difference. reflexivity. }
      rewrite E. set (f := fun r => real_dot (unembedding k g r) (s4 (rc c)) - Q2R (dot (unembedding k g r) z)).
      assert (Z : forall r, match r with RStepField _ | RStop => false | _ => true end = true -> f r = 0).
      { intros r Hr. pose proof (row_near r) as B. fold (f r) in B. assert (B' : Rabs (f r) <= 0) by (destruct r; try discriminate; exact B).
        pose proof (Rle_abs (f r)). pose proof (Rle_abs (- f r)) as B2. rewrite Rabs_Ropp in B2. lra. }
      pose proof (leak_positive c) as Lp. assert (K1 : 1 <= INR (2 * k + 1)) by (rewrite plus_INR; pose proof (pos_INR (2 * k)); cbn [INR]; lra).
      assert (Small : forall x, Rabs x <= leak c -> Rabs x <= INR (2 * k + 1) * leak c) by (intros x Hx; nra).
      assert (None_ : forall l, (forall r, In r l -> match r with RStepField _ | RStop => false | _ => true end = true) -> rsum f l = 0).
      { intros l Hl. apply rsum_zero. intros r I. auto. }
      assert (Quiet : forall l, (forall r, In r l -> match r with RStepField _ | RStop => false | _ => true end = true) ->
        Rabs (rsum f l) <= INR (2 * k + 1) * leak c) by (intros l Hl; rewrite (None_ l Hl); apply Small; rewrite Rabs_R0; exact Lp).
      destruct t as [ |e|i a|i m|p|p s a| ]; cbn [rows].
      - apply Quiet. intros r [<-|[]]. reflexivity.
      - apply Quiet. intros r I. cbn [In] in I. rewrite in_app_iff, !in_map_iff in I.
        destruct I as [<-|[<-|[(x & <- & _)|(x & <- & _)]]]; reflexivity.
      - apply Quiet. intros r [<-|[<-|[]]]; reflexivity.
      - apply Quiet. intros r [<-|[<-|[]]]; reflexivity.
      - apply Quiet. intros r [<-|[<-|[]]]; reflexivity.
      - match goal with |- Rabs (rsum f (RStep :: RStepState p :: ?l1 ++ ?l2)) <= _ =>
          change (RStep :: RStepState p :: l1 ++ l2) with ((RStep :: RStepState p :: l1) ++ l2) end.
        rewrite rsum_app, None_, Rplus_0_l, rsum_map.
        + eapply Rle_trans; [apply (rsum_bound _ (leak c)); intros x _; apply (row_near (RStepField x))|].
          apply Rmult_le_compat_r; [exact Lp|]. apply le_INR. destruct V as (_ & (_ & Lw & _ & Lm)).
          destruct cd; cbn [fields length]; [lia|]. unfold parts. cbn [length]. rewrite length_of_app, !length_of_map. unfold indexed.
          rewrite !length_of_combine, !length_of_seq. lia.
        + intros r I. cbn [In] in I. rewrite in_map_iff in I. destruct I as [<-|[<-|(x & <- & _)]]; reflexivity.
      - apply Small. replace (rsum f [RStop]) with (f RStop) by (unfold rsum; cbn; ring). apply (row_near RStop).
    Qed.

    (** STATEMENT 7. With softmax in the base network, the right token's logit leads every other token's by
        [1 - 2 (2 k + 1) leak] at least. *)
    Theorem next_token_softmax pi : @state_policy nQ nS k (examples_of c) pi -> forall t, valid nQ nS k t ->
      t <> right_token pi q (under_heads k (config_of c)) ->
      real_logit N (rc c) (rows cd t) + 1 - 2 * INR (2 * k + 1) * leak c
        <= real_logit N (rc c) (rows cd (right_token pi q (under_heads k (config_of c)))).
    Proof.
      intros T t V Ne. set (right := right_token pi q (under_heads k (config_of c))) in *.
      assert (Rv : forall r : exact_rule, In r [] -> valid_rule nQ nS k (as_rule r)) by (intros r []).
      assert (Told : @told nQ nS k [] c pi) by (left; auto).
      destruct (next_token (cd := cd) (M := M) (K := K) blank_is_a_symbol beta_positive g_large Rv c q pi W (holds_fits c H) Q_new Q_bound Told) as [R1 R2].
      pose proof (right_valid blank_is_a_symbol Rv c q pi W Told Q_bound) as Vr.
      apply Qeq_eqR in R1. specialize (R2 t V Ne). apply Qle_Rle in R2. rewrite Q2R_0 in R2. rewrite Q2R_1 in R1. fold right in R1.
      pose proof (logit_near t V) as B1. pose proof (logit_near right Vr) as B2. unfold logit_gap in *.
      match type of B1 with Rabs ?x <= _ => pose proof (Rle_abs x) as A1 end.
      match type of B2 with Rabs ?x <= _ => pose proof (Rle_abs (- x)) as A2 end. rewrite Rabs_Ropp in A2. fold right in A2, B2. lra.
    Qed.
  End OneContext.
End Softmax.
