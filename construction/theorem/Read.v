(** READ: what is in the cell under each head (docs/proof.md, lemmas 7 and 9 to 11 in exact arithmetic).

    The gadgets [integer_lookup] and [saturate] of gadgets.py, and the ledger. *)
From Coq Require Import List QArith ZArith Bool Lia Lqa PeanoNat Setoid Morphisms.
From Tapehead Require Import Sums Transformer Machine Vocabulary BaseNetwork Ledger Embedding Stream Locate Address.
Import ListNotations.
Open Scope Q_scope.

Section Read.
  Context {nQ nS k : nat} {cd : code} {beta M L K g : Q}.
  Hypotheses (blank_is_a_symbol : (0 < nS)%nat) (beta_positive : 0 < beta).
  Notation wf := (wf nQ nS k).
  Notation rc := (map (rows cd)).
  Notation r2 := (@r2 nQ nS k cd beta M L K g).
  Notation x0 := (@x0 nQ nS k cd beta M L K g).
  Notation x1 := (@x1 nQ nS k cd beta M L K g).
  Notation x2 := (@x2 nQ nS k cd beta M L K g).
  Definition r3 := after_block dir_dec r2 (read nS k beta M K).
  Definition x3 c := r3 (rc c).

  (** Directions that LOCATE and ADDRESS leave alone. *)
  Definition located (d : dir) : bool :=
    match d with MeanMove _ | MeanInput _ | HeadPos _ | Cell _ | HeadSq _ | CellSq _ => true | _ => false end.
  Lemma x2_x0 c d : located d = false -> x2 c d == x0 c d.
  Proof. intros H. rewrite x2_unchanged, x1_unchanged; [reflexivity|now destruct d..]. Qed.

  (** The score of a position over beta, as in the gadget's proof: 2pc - c^2 - 1 + (writes) + (1/2 + p^2) (is BOS). *)
  Definition address_score (i : nat) (p : Z) (c' : list token) : Z :=
    (2 * p * cell_of i c' - cell_of i c' * cell_of i c' - 1 + one_if (writes_on i (newest c')))%Z.

  Lemma read_score c c' i : wf c -> wf c' -> (i < k)%nat -> size c <= L -> size c' <= L ->
    score (read_head nS beta M i) (x2 c) (x2 c') ==
    beta * (inject_Z (address_score i (head_at (config_of c) i) c')
            + (inject_Z (head_at (config_of c) i) * inject_Z (head_at (config_of c) i) + (1 # 2)) * ind (is_bos (newest c'))).
  Proof.
    intros W W' Hi HL HL'. unfold score, read_head, integer_lookup. cbn [match_channels]. unfold dot, sum. cbn [fold_right fst snd].
    rewrite (x2_unchanged c (HeadPos i)), x1_head by (auto; exact I).
    rewrite (x2_unchanged c' (Cell i)), x1_cell by (auto; exact I).
    rewrite x2_head_sq, x2_cell_sq by auto.
    rewrite (x2_x0 c One), (x2_x0 c' One), (x2_x0 c' (Input i)), (x2_x0 c' Step), (x2_x0 c' Bos) by reflexivity.
    rewrite (x0_one c), (x0_one c'), x0_input, x0_step, x0_bos by auto.
    unfold address_score, Z.sub. rewrite !inject_Z_plus, !inject_Z_opp, !inject_Z_mult.
    assert (E : ind (writes_on i (newest c')) == ind (is_input i (newest c')) + ind (is_step (newest c'))).
    { unfold writes_on. destruct (newest c') as [ |r|j a|j m|q|q s a| ]; cbn [is_input is_step]; try reflexivity.
      destruct (Nat.eqb j i); reflexivity. }
    rewrite E. change (inject_Z 2) with 2. change (inject_Z 1) with 1. ring.
  Qed.

  Lemma cell_of_silent i c : writes_on i (newest c) = false -> cell_of i c = 0%Z.
  Proof.
    destruct c as [|t c]; [reflexivity|]. unfold writes_on. destruct t; cbn [newest is_input is_step cell_of orb]; intros H; try reflexivity; try discriminate.
    destruct (Nat.eqb i0 i); [discriminate|reflexivity].
  Qed.

  Lemma address_score_hit i p c : wrote i p c = true -> address_score i p c = (p * p)%Z.
  Proof. unfold wrote, address_score. destruct (writes_on i (newest c)); cbn [andb one_if]; [|discriminate]. intros E. apply Z.eqb_eq in E as ->. ring. Qed.
  Lemma address_score_miss i p c : wrote i p c = false -> (address_score i p c <= p * p - 1)%Z.
  Proof.
    unfold wrote, address_score. destruct (writes_on i (newest c)) eqn:E; cbn [andb one_if].
    - intros H. apply Z.eqb_neq in H. nia.
    - intros _. rewrite cell_of_silent by auto. nia.
  Qed.
  Lemma bos_is_silent i c : is_bos (newest c) = true -> writes_on i (newest c) = false.
  Proof. destruct (newest c); cbn; congruence. Qed.

  (** The mean of the postings on the cell under the head: its content over its number of visits. *)
  Lemma read_attention c i a : wf c -> (i < k)%nat -> (0 < a)%nat -> size c <= L ->
    exists v, 1 <= v /\ v <= size c /\
    hard (fun c' => score (read_head nS beta M i) (x2 c) (x2 c')) (fun c' => dot [(Posting i a, 1)] (x2 c')) (tails c)
    == ind (Nat.eqb (tape (config_of c) i (head_at (config_of c) i)) a) / v.
  Proof.
    intros W Hi Ha HL. set (p := head_at (config_of c) i).
    assert (Wt : forall c', In c' (tails c) -> wf c') by (intros; eapply wf_tails; eauto).
    assert (Lt : forall c', In c' (tails c) -> size c' <= L).
    { intros c' I. eapply Qle_trans; [|exact HL]. now apply in_tails_size. }
    assert (Val : forall c', In c' (tails c) -> dot [(Posting i a, 1)] (x2 c') == inject_Z (posted i a (newest c'))).
    { intros c' I. rewrite dot1, x2_x0 by reflexivity. specialize (Wt _ I).
      pose proof (wf_valid _ _ _ _ Wt) as V. destruct (tails_cons _ _ I) as (t & r & ->).
      rewrite x0_brings by discriminate. eapply brings_posting; eauto. }
    pose proof (ledger nQ nS k c i p a W Hi Ha) as Led.
    assert (Sc : forall c', In c' (tails c) -> score (read_head nS beta M i) (x2 c) (x2 c') ==
      beta * (inject_Z (address_score i p c') + (inject_Z p * inject_Z p + (1 # 2)) * ind (is_bos (newest c')))).
    { intros c' I. apply read_score; auto. }
    destruct (filter (wrote i p) (tails c)) as [|c1 rest] eqn:F.
    - (* nothing was written there: BOS *)
      exists 1. split; [lra|]. split; [destruct (cons_of c W) as (t & c' & ->); eapply size_ge_1; left; reflexivity|].
      assert (Miss : forall c', In c' (tails c) -> wrote i p c' = false).
      { intros c' I. destruct (wrote i p c') eqn:E; auto. exfalso.
        assert (In c' (filter (wrote i p) (tails c))) by (apply filter_In; auto). rewrite F in H. destruct H. }
      rewrite (hard_spec _ _ (fun c' => is_bos (newest c')) (beta * (inject_Z p * inject_Z p - (1 # 2)))).
      + cbn [zsum] in Led. rewrite <- Led. rewrite sum_zero; [reflexivity|].
        intros c' I. apply filter_In in I as (I & B). rewrite Val by auto. rewrite posted_bos by auto. reflexivity.
      + eapply bos_in; eauto.
      + intros c' I B. rewrite Sc, B by auto. cbn [one_if]. unfold address_score.
        rewrite cell_of_silent, bos_is_silent by (auto using bos_is_silent). cbn [one_if].
        replace (2 * p * 0 - 0 * 0 - 1 + 0)%Z with (-1)%Z by lia. change (inject_Z 1) with 1. change (inject_Z (-1)) with (-(1)). ring.
      + intros c' I B. rewrite Sc, B by auto. cbn [one_if]. change (inject_Z 0) with 0.
        pose proof (address_score_miss i p c' (Miss c' I)) as H. rewrite Zle_Qle in H. unfold Z.sub in H.
        rewrite inject_Z_plus, inject_Z_mult in H. change (inject_Z (- (1))) with (-(1)) in H.
        rewrite (Qmult_comm beta), (Qmult_comm beta). apply Qmult_lt_compat_r; auto. lra.
    - (* the last writes: the ledger *)
      assert (I1 : In c1 (filter (wrote i p) (tails c))) by (rewrite F; now left).
      exists (size (filter (wrote i p) (tails c))). split; [eapply size_ge_1; eauto|].
      split; [eapply Qle_trans; [apply size_filter_le|]; rewrite size_tails; lra|].
      rewrite (hard_spec _ _ (wrote i p) (beta * (inject_Z p * inject_Z p))).
      + rewrite <- Led, <- F. rewrite (inject_zsum _ (fun c' => posted i a (newest c'))); [reflexivity|].
        intros c' I. apply Val. now apply filter_In in I.
      + exists c1. now apply filter_In.
      + intros c' I H. rewrite Sc by auto. rewrite address_score_hit, inject_Z_mult by auto.
        destruct (is_bos (newest c')) eqn:B; [|cbn [one_if]; change (inject_Z 0) with 0; ring].
        exfalso. unfold wrote in H. rewrite (bos_is_silent i c' B) in H. discriminate.
      + intros c' I H. rewrite Sc by auto. rewrite (Qmult_comm beta), (Qmult_comm beta). apply Qmult_lt_compat_r; auto.
        destruct (is_bos (newest c')) eqn:B; cbn [one_if].
        * unfold address_score. rewrite cell_of_silent, bos_is_silent by (auto using bos_is_silent). cbn [one_if].
          replace (2 * p * 0 - 0 * 0 - 1 + 0)%Z with (-1)%Z by lia. change (inject_Z 1) with 1. change (inject_Z (-1)) with (-(1)). lra.
        * change (inject_Z 0) with 0. pose proof (address_score_miss i p c' H) as H'. rewrite Zle_Qle in H'. unfold Z.sub in H'.
          rewrite inject_Z_plus, inject_Z_mult in H'. change (inject_Z (- (1))) with (-(1)) in H'. lra.
  Qed.

  Definition y3 c := after_attention dir_dec (read nS k beta M K) r2 (rc c).

  Lemma targets_read d : In d (targets (read nS k beta M K)) -> match d with Found _ _ | Symbol _ _ => True | _ => False end.
  Proof.
    unfold targets. rewrite in_app_iff, !in_flat_map. cbn [read heads units].
    intros [(h & Ih & I)|(u & Iu & I)].
    - apply in_map_iff in Ih as (i & <- & _). cbn [read_head value_channels] in I. apply in_flat_map in I as (ch & Ic & I).
      apply in_map_iff in Ic as (a & <- & _). cbn in I. destruct I as [<-|[]]; exact Logic.I.
    - apply in_flat_map in Iu as (i & _ & Iu). cbn [saturate In] in Iu. destruct Iu as [<-|Iu].
      + cbn in I. destruct I as [<-|[]]; exact Logic.I.
      + apply in_flat_map in Iu as (a & _ & Iu). cbn in Iu.
        destruct Iu as [<-|[<-|[]]]; cbn in I; destruct I as [<-|[<-|[]]]; exact Logic.I.
  Qed.
  Lemma x3_unchanged c d : match d with Found _ _ | Symbol _ _ => False | _ => True end -> x3 c d == x2 c d.
  Proof. intros H. unfold x3, r3. rewrite unchanged; [reflexivity|]. intros I. apply targets_read in I. now destruct d. Qed.
  Lemma y3_unchanged c d : match d with Found _ _ | Symbol _ _ => False | _ => True end -> y3 c d == x2 c d.
  Proof. intros H. unfold y3. rewrite unchanged_attention; [reflexivity|]. intros I. apply targets_read in I. now destruct d. Qed.

  Lemma y3_found c i a : wf c -> (i < k)%nat -> (0 < a < nS)%nat -> size c <= L ->
    exists v, 1 <= v /\ v <= size c /\ y3 c (Found i a) == ind (Nat.eqb (tape (config_of c) i (head_at (config_of c) i)) a) / v.
  Proof.
    intros W Hi Ha HL. destruct (read_attention c i a W Hi (proj1 Ha) HL) as (v & H1 & H2 & E). exists v. split; [auto|]. split; [auto|].
    rewrite <- E. unfold y3, after_attention. change (r2 (rc c)) with (x2 c). rewrite (x2_x0 c (Found i a)) by reflexivity.
    rewrite x0_computed by easy. cbn [read heads]. rewrite sum_map, (sum_single _ _ i (NoDup_tapes k) (in_tapes k i Hi)).
    - cbn beta. change (x2 c) with (r2 (rc c)). rewrite (attention_at r2). cbn [read_head value_channels]. unfold carry.
      rewrite sum_map. rewrite (sum_single _ (marks nS) a).
      + cbn [fst snd]. assert (E1 : coeff dir_dec [(Found i a, 1)] (Found i a) == 1) by (directions; ring). rewrite E1.
        rewrite Qmult_1_l, Qplus_0_l. reflexivity.
      + apply seq_NoDup.
      + apply in_seq. lia.
      + intros b _ Nb. cbn [fst snd]. assert (E1 : coeff dir_dec [(Found i b, 1)] (Found i a) == 0) by (directions; ring).
        rewrite E1. ring.
    - intros j _ Nj. cbn beta. change (x2 c) with (r2 (rc c)). rewrite (attention_at r2). cbn [read_head value_channels]. unfold carry.
      rewrite sum_map. apply sum_zero. intros b _. cbn [fst snd].
      assert (E1 : coeff dir_dec [(Found j b, 1)] (Found i a) == 0) by (directions; ring). rewrite E1. ring.
  Qed.

  (** Saturation: 1/v becomes 1, and 0 stays 0. *)
  Lemma saturation (b : bool) v x : 1 <= v -> 2 * v <= K -> x == ind b / v ->
    relu (K * x + - (1)) - relu (K * x + - (2)) == ind b.
  Proof.
    intros H1 HK E. destruct b; cbn [one_if] in *; change (inject_Z 1) with 1 in *; change (inject_Z 0) with 0 in *.
    - assert (H : 2 <= K * x).
      { rewrite E. setoid_replace (K * (1 / v)) with (K / v) by (field; lra). apply Qle_shift_div_l; lra. }
      rewrite !relu_pos by lra. ring.
    - assert (H : x == 0) by (rewrite E; field; lra). rewrite H, !relu_neg by lra. ring.
  Qed.

  Lemma in_marks a : (0 < a < nS)%nat -> In a (marks nS).
  Proof. intros. apply in_seq. lia. Qed.

  Lemma y3_symbol c i a : wf c -> y3 c (Symbol i a) == 0.
  Proof.
    intros W. unfold y3, after_attention. change (r2 (rc c)) with (x2 c). rewrite (x2_x0 c (Symbol i a)) by reflexivity.
    rewrite x0_computed by easy. rewrite sum_zero; [ring|]. intros h Ih. cbn [read heads] in Ih. apply in_map_iff in Ih as (j & <- & _).
    change (x2 c) with (r2 (rc c)). rewrite (attention_at r2). cbn [read_head value_channels]. unfold carry. rewrite sum_map. apply sum_zero. intros b _.
    cbn [fst snd]. assert (E1 : coeff dir_dec [(Found j b, 1)] (Symbol i a) == 0) by (directions; ring). rewrite E1. ring.
  Qed.

  Lemma y3_one c : wf c -> y3 c One == 1.
  Proof. intros W. rewrite y3_unchanged by exact I. rewrite x2_x0 by reflexivity. now apply x0_one. Qed.

  (** What the two units of a symbol [b] add to a direction in which they have weights [w] and [-w]. *)
  Lemma unit_pair c i b : wf c -> (i < k)%nat -> (0 < b < nS)%nat -> size c <= L -> 2 * size c <= K ->
    relu (dot [(Found i b, K); (One, - (1))] (y3 c)) * dot [(One, 1)] (y3 c)
    - relu (dot [(Found i b, K); (One, - (2))] (y3 c)) * dot [(One, 1)] (y3 c)
    == ind (Nat.eqb (tape (config_of c) i (head_at (config_of c) i)) b).
  Proof.
    intros W Hi Hb HL HK. destruct (y3_found c i b W Hi Hb HL) as (v & H1 & H2 & E).
    rewrite dot1, y3_one by auto. rewrite <- (saturation _ v (y3 c (Found i b))) by (auto; lra).
    assert (D1 : dot [(Found i b, K); (One, - (1))] (y3 c) == K * y3 c (Found i b) + - (1))
      by (unfold dot, sum; cbn [fold_right fst snd]; rewrite y3_one by auto; ring).
    assert (D2 : dot [(Found i b, K); (One, - (2))] (y3 c) == K * y3 c (Found i b) + - (2))
      by (unfold dot, sum; cbn [fold_right fst snd]; rewrite y3_one by auto; ring).
    rewrite D1, D2. ring.
  Qed.

  Lemma saturate_units c i j a : wf c -> (i < k)%nat -> (a < nS)%nat -> size c <= L -> 2 * size c <= K ->
    sum (fun u => coeff dir_dec (out u) (Symbol i a) * (relu (dot (gate u) (y3 c)) * dot (times u) (y3 c))) (saturate nS K j)
    == if Nat.eqb j i then ind (Nat.eqb (tape (config_of c) i (head_at (config_of c) i)) a) else 0.
  Proof.
    intros W Hi Ha HL HK. unfold saturate, constant, above. cbn [sum fold_right out gate times].
    match goal with |- _ + ?s == _ => change s with (sum (fun u => coeff dir_dec (out u) (Symbol i a) * (relu (dot (gate u) (y3 c)) * dot (times u) (y3 c)))
      (flat_map (fun a => [
      {| gate := [(Found j a, K); (One, - (1))]; times := [(One, 1)]; out := [(Symbol j a, 1); (Symbol j 0, - (1))] |};
      {| gate := [(Found j a, K); (One, - (2))]; times := [(One, 1)]; out := [(Symbol j a, - (1)); (Symbol j 0, 1)] |}])
      (marks nS))) end.
    rewrite sum_flat_map. destruct (Nat.eqb_spec j i) as [->|Nj].
    - rewrite dot1, y3_one, (relu_pos 1) by (auto; lra).
      destruct a as [|a].
      + (* the blank: one minus all others *)
        assert (E1 : coeff dir_dec [(Symbol i 0, 1)] (Symbol i 0) == 1) by (directions; ring). rewrite E1.
        set (s := tape (config_of c) i (head_at (config_of c) i)).
        assert (Hs : (s < nS)%nat) by (eapply symbol_bound; eauto).
        assert (E : forall b, In b (marks nS) ->
          sum (fun u => coeff dir_dec (out u) (Symbol i 0) * (relu (dot (gate u) (y3 c)) * dot (times u) (y3 c)))
            [{| gate := [(Found i b, K); (One, - (1))]; times := [(One, 1)]; out := [(Symbol i b, 1); (Symbol i 0, - (1))] |};
             {| gate := [(Found i b, K); (One, - (2))]; times := [(One, 1)]; out := [(Symbol i b, - (1)); (Symbol i 0, 1)] |}]
          == - ind (Nat.eqb s b)).
        { intros b Ib. apply in_seq in Ib. unfold s. rewrite <- unit_pair by (auto; lia). cbn [sum fold_right out gate times].
          assert (F1 : coeff dir_dec [(Symbol i b, 1); (Symbol i 0, - (1))] (Symbol i 0) == - (1)).
          { destruct b; [lia|]. directions; ring. }
          assert (F2 : coeff dir_dec [(Symbol i b, - (1)); (Symbol i 0, 1)] (Symbol i 0) == 1).
          { destruct b; [lia|]. directions; ring. }
          rewrite F1, F2. ring. }
        rewrite (sum_ext _ _ (marks nS) E). destruct (Nat.eqb_spec s 0) as [Z|NZ].
        * rewrite (sum_zero _ (marks nS)); [cbn [one_if]; change (inject_Z 1) with 1; ring|]. intros b Ib. apply in_seq in Ib.
          destruct (Nat.eqb_spec s b); [lia|reflexivity].
        * rewrite (sum_single _ (marks nS) s); [rewrite Nat.eqb_refl; cbn [one_if]; change (inject_Z 1) with 1; change (inject_Z 0) with 0; ring
            | apply seq_NoDup | apply in_marks; lia |].
          intros b _ Nb. destruct (Nat.eqb_spec s b); [congruence|reflexivity].
      + assert (E1 : coeff dir_dec [(Symbol i 0, 1)] (Symbol i (S a)) == 0) by (directions; ring). rewrite E1.
        rewrite (sum_single _ (marks nS) (S a)); [|apply seq_NoDup|apply in_marks; lia|].
        * rewrite <- unit_pair by (auto; lia). cbn [sum fold_right out gate times].
          assert (F1 : coeff dir_dec [(Symbol i (S a), 1); (Symbol i 0, - (1))] (Symbol i (S a)) == 1) by (directions; ring).
          assert (F2 : coeff dir_dec [(Symbol i (S a), - (1)); (Symbol i 0, 1)] (Symbol i (S a)) == - (1)) by (directions; ring).
          rewrite F1, F2. ring.
        * intros b _ Nb. cbn [sum fold_right out gate times].
          assert (F1 : coeff dir_dec [(Symbol i b, 1); (Symbol i 0, - (1))] (Symbol i (S a)) == 0) by (directions; ring).
          assert (F2 : coeff dir_dec [(Symbol i b, - (1)); (Symbol i 0, 1)] (Symbol i (S a)) == 0) by (directions; ring).
          rewrite F1, F2. ring.
    - assert (E1 : coeff dir_dec [(Symbol j 0, 1)] (Symbol i a) == 0) by (directions; ring). rewrite E1.
      generalize (y3 c). intros y. rewrite (sum_zero _ (marks nS)); [ring|]. intros b _. cbn [sum fold_right out gate times].
      assert (F1 : coeff dir_dec [(Symbol j b, 1); (Symbol j 0, - (1))] (Symbol i a) == 0) by (directions; ring).
      assert (F2 : coeff dir_dec [(Symbol j b, - (1)); (Symbol j 0, 1)] (Symbol i a) == 0) by (directions; ring).
      rewrite F1, F2. ring.
  Qed.

  Theorem x3_symbol c i a : wf c -> (i < k)%nat -> (a < nS)%nat -> size c <= L -> 2 * size c <= K ->
    x3 c (Symbol i a) == ind (Nat.eqb (tape (config_of c) i (head_at (config_of c) i)) a).
  Proof.
    intros W Hi Ha HL HK. unfold x3, r3, after_block. fold (y3 c). rewrite y3_symbol by auto.
    unfold feed_forward. cbn [read units]. rewrite sum_flat_map.
    rewrite (sum_single _ _ i (NoDup_tapes k) (in_tapes k i Hi)).
    - rewrite saturate_units by auto. rewrite Nat.eqb_refl. ring.
    - intros j _ Nj. rewrite saturate_units by auto. destruct (Nat.eqb_spec j i); [congruence|reflexivity].
  Qed.

  Lemma x3_x0 c d : located d = false -> match d with Found _ _ | Symbol _ _ => False | _ => True end -> x3 c d == x0 c d.
  Proof. intros. rewrite x3_unchanged by auto. now apply x2_x0. Qed.

  (** READ's best positions lead by beta / 2: the margin of [integer_lookup]. *)
  Lemma read_margin c i : wf c -> (i < k)%nat -> size c <= L -> exists p top,
    (exists c', In c' (tails c) /\ p c' = true) /\
    (forall c', In c' (tails c) -> p c' = true -> score (read_head nS beta M i) (x2 c) (x2 c') == top) /\
    (forall c', In c' (tails c) -> p c' = false -> score (read_head nS beta M i) (x2 c) (x2 c') <= top - beta * (1 # 2)).
  Proof.
    intros W Hi HL. set (p := head_at (config_of c) i).
    assert (Sc : forall c', In c' (tails c) -> score (read_head nS beta M i) (x2 c) (x2 c') ==
      beta * (inject_Z (address_score i p c') + (inject_Z p * inject_Z p + (1 # 2)) * ind (is_bos (newest c')))).
    { intros c' I. apply read_score; auto; [eapply wf_tails; eauto|]. eapply Qle_trans; [|exact HL]. now apply in_tails_size. }
    assert (Hit : forall c', wrote i p c' = true -> is_bos (newest c') = false).
    { intros c' H. destruct (is_bos (newest c')) eqn:B; auto. unfold wrote in H. rewrite (bos_is_silent i c' B) in H. discriminate. }
    assert (Bos : forall c', is_bos (newest c') = true -> address_score i p c' = (-1)%Z).
    { intros c' B. unfold address_score. rewrite cell_of_silent, bos_is_silent by (auto using bos_is_silent). cbn [one_if]. lia. }
    assert (Miss : forall c', wrote i p c' = false -> inject_Z (address_score i p c') <= inject_Z p * inject_Z p - 1).
    { intros c' H. pose proof (address_score_miss i p c' H) as E. rewrite Zle_Qle in E. unfold Z.sub in E.
      rewrite inject_Z_plus, inject_Z_mult in E. change (inject_Z (- (1))) with (-(1)) in E. lra. }
    destruct (filter (wrote i p) (tails c)) as [|c1 rest] eqn:F.
    - exists (fun c' => is_bos (newest c')), (beta * (inject_Z p * inject_Z p - (1 # 2))). split; [eapply bos_in; eauto|].
      split; intros c' I B; rewrite (Sc c' I), B; cbn [one_if].
      + rewrite (Bos c' B). change (inject_Z 1) with 1. change (inject_Z (-1)) with (-(1)). ring.
      + change (inject_Z 0) with 0. assert (N : wrote i p c' = false).
        { destruct (wrote i p c') eqn:E; auto. assert (J : In c' (filter (wrote i p) (tails c))) by (apply filter_In; auto). rewrite F in J. destruct J. }
        specialize (Miss c' N). nra.
    - exists (wrote i p), (beta * (inject_Z p * inject_Z p)). split; [|split].
      + exists c1. apply filter_In. rewrite F. now left.
      + intros c' I H. rewrite (Sc c' I), (Hit c' H), address_score_hit, inject_Z_mult by auto. cbn [one_if]. change (inject_Z 0) with 0. ring.
      + intros c' I H. rewrite (Sc c' I). destruct (is_bos (newest c')) eqn:B; cbn [one_if].
        * rewrite (Bos c' B). change (inject_Z 1) with 1. change (inject_Z (-1)) with (-(1)). nra.
        * change (inject_Z 0) with 0. specialize (Miss c' H). nra.
  Qed.
End Read.
